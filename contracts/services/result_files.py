"""Figures from a file: read whole, judged row by row, and put in the drafts all at once or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zipfile import BadZipFile, ZipFile

from django.db import transaction
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.errors import RuleViolation
from contracts.domain.figure_rows import (
    COLUMNS,
    CONTRACT,
    FIGURE,
    INDICATOR,
    MOST_ROWS,
    NEEDED,
    PLACE,
    QUARTER,
    REMARK,
    YEAR,
    BadFile,
    Line,
    lines_of,
)
from contracts.domain.figures import read_figure
from contracts.domain.privacy import holds_bsn
from contracts.models import ResultReport
from contracts.selectors.indicators import why_not
from contracts.selectors.results import FigureField, Sheet, own_open_reports, sheet_of
from contracts.services.results import save_draft

LARGEST = 2 * 1024 * 1024
# What a workbook may unpack to: a small one can hold a huge one.
LARGEST_UNPACKED = 50 * 1024 * 1024
CSV, XLSX = "csv", "xlsx"


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A row that cannot be taken in, by its number in the file, and why."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What came in: how many figures, in the drafts of which reports."""

    figures: int
    reports: tuple[ResultReport, ...]


class WrongRows(Exception):
    """Rows that cannot be taken in. Nothing was kept of the whole file."""

    def __init__(self, rows: list[WrongRow]) -> None:
        super().__init__(len(rows))
        self.rows = rows


def read_table(
    name: str, content: bytes, columns: Sequence[str] = COLUMNS, needed: Sequence[str] = NEEDED
) -> list[Line]:
    """The rows of a CSV or XLSX file. Raises `RuleViolation` where it is neither, too large, or not our table."""
    if len(content) > LARGEST:
        raise RuleViolation(_("This file is larger than 2 MB. Divide it over several files."), field="file")
    try:
        rows = _xlsx_rows(content) if content.startswith(b"PK") else _csv_rows(name, content)
        return lines_of(rows, columns, needed)
    except BadFile as bad:
        raise RuleViolation(_why(bad), field="file") from bad


def _why(bad: BadFile) -> str:
    kind, detail = bad.args
    if kind == "columns":
        return _("These columns lack in the first row: %(names)s. Use the template.") % {"names": ", ".join(detail)}
    if kind == "long":
        return _("This file has more than %(most)d rows. Divide it over several files.") % {"most": MOST_ROWS}
    return _("There is no row with a figure in this file.")


def _csv_rows(name: str, content: bytes) -> list[list[str]]:
    if not name.lower().endswith(f".{CSV}"):
        raise RuleViolation(_("Choose a CSV or XLSX file."), field="file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") >= first.count(",") else ","
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as broken:
        raise RuleViolation(_("This file cannot be read. Save it again as CSV or XLSX."), field="file") from broken


def _xlsx_rows(content: bytes) -> list[Sequence[Any]]:
    try:
        with ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > LARGEST_UNPACKED:
                raise RuleViolation(_("This file is larger than 2 MB. Divide it over several files."), field="file")
        # A formula that was never worked out has no value: as it stands it is told, and not taken for an empty cell.
        pairs = zip(_cells(content, formulas=False), _cells(content, formulas=True), strict=True)
        return [
            [formula if value is None else value for value, formula in zip(row, typed, strict=True)]
            for row, typed in pairs
        ]
    except (BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, OSError, SyntaxError) as broken:
        raise RuleViolation(_("This file cannot be read. Save it again as CSV or XLSX."), field="file") from broken


def _cells(content: bytes, *, formulas: bool) -> Iterable[Sequence[Any]]:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=not formulas)
    rows: Iterable[Sequence[Any]] = book.worksheets[0].iter_rows(max_row=MOST_ROWS + 2, max_col=50, values_only=True)
    return rows


@transaction.atomic
def import_figures(*, name: str, content: bytes, by: User) -> Imported:
    """Put the figures of a file in the drafts of the reports that are open; they are not handed in by it.

    What the file does not name stays as it was typed. Raises `RuleViolation` for the file as a whole, and
    `WrongRows` with every row that is wrong: then nothing is kept, not of the right rows either.
    """
    lines = read_table(name, content)
    sheets = {_key_of(report): sheet_of(report) for report in own_open_reports(by)}
    taken: dict[int, dict[str, str]] = {}
    wrong, seen = [], set()
    for line in lines:
        try:
            sheet, field = _place_of(line, sheets)
            _check(line, field)
            if (sheet.report.pk, field.key) in seen:
                raise RuleViolation(_("The same figure stands in this file twice."))
        except RuleViolation as refused:
            wrong.append(WrongRow(line.number, refused.message))
            continue
        seen.add((sheet.report.pk, field.key))
        typed = taken.setdefault(sheet.report.pk, sheet.typed())
        typed[field.name], typed[field.remark_name] = line[FIGURE], line[REMARK]
    if wrong:
        raise WrongRows(wrong)
    reports = []
    for sheet in sheets.values():
        if sheet.report.pk in taken:
            report = save_draft(report=sheet.report, typed=taken[sheet.report.pk], by=by)
            detail = {"contract": report.contract.number, "quarter": f"{report.year}-{report.quarter}"}
            record("contracts.resultreport.import", by=by, target=report, detail={**detail, "file": name[:200]})
            reports.append(report)
    return Imported(len(lines), tuple(reports))


Key = tuple[str, str, str]


def _key_of(report: ResultReport) -> Key:
    return report.contract.number.lower(), str(report.year), str(report.quarter)


def _place_of(line: Line, sheets: dict[Key, Sheet]) -> tuple[Sheet, FigureField]:
    """Which report and which figure a row is about. Raises `RuleViolation`."""
    sheet = sheets.get((line[CONTRACT].lower(), line[YEAR], line[QUARTER]))
    if sheet is None:
        raise RuleViolation(
            _("No report is open of contract %(contract)s, year %(year)s, quarter %(quarter)s.")
            % {"contract": line[CONTRACT] or "-", "year": line[YEAR] or "-", "quarter": line[QUARTER] or "-"}
        )
    code, place = line[INDICATOR].lower(), line[PLACE].lower()
    own = [
        field for field in sheet.fields() if code in (field.asked.indicator.code, field.asked.indicator.name.lower())
    ]
    if not own:
        raise RuleViolation(_("%(name)s is not asked of this contract.") % {"name": line[INDICATOR] or "-"})
    for field in own:
        if (not place and field.place is None) or (
            field.place and place in (field.place.name.lower(), field.place.slug)
        ):
            return sheet, field
    raise RuleViolation(_("The contract does not run in %(place)s in this quarter.") % {"place": line[PLACE]})


def _check(line: Line, field: FigureField) -> None:
    try:
        value = read_figure(line[FIGURE])
    except ValueError:
        raise RuleViolation(_("“%(text)s” is not a figure.") % {"text": line[FIGURE][:40]}) from None
    if value is not None and (reason := why_not(field.asked.indicator, value)):
        raise RuleViolation(reason)
    if value is None and not line[REMARK] and field.place is None:
        raise RuleViolation(_("The figure lacks. Is it not known? Then say why in the remark."))
    if len(line[REMARK]) > 500:
        raise RuleViolation(_("Use at most 500 characters for a remark."))
    if holds_bsn(line[REMARK]):
        raise RuleViolation(
            _("This looks like a citizen service number (BSN). Take it out: write no data about clients here.")
        )
