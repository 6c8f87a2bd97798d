"""The register as files: CSV for a spreadsheet, XLSX, and JSON for programs. Same filters as the page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from achterhoek.spreadsheets import harmless
from contracts.domain.register import ContractLine, Party, Register, SubcontractorLine

JSON_FORMAT = "1.0"
Row = list[str | date | None]


def headings() -> list[str]:
    """The columns of the CSV and XLSX files."""
    return [
        _("Register on"), _("Version"), _("Region"), _("Lot"), _("Segment"), _("Subsegments"), _("Contract number"),
        _("Contract partner"), _("Role"), _("Name"), _("Legal form"), _("KvK number"), _("AGB code"), _("City"),
        _("Part of the work"), _("From"), _("Until and including"), _("Municipalities"),
    ]  # fmt: skip


def rows(register: Register) -> Iterator[Row]:
    """A row for each contractor, each member of a consortium, and each subcontractor."""
    for line in register.contracts:
        role = _("Lead of the consortium") if line.consortium else _("Main contractor")
        yield _row(register, line, role, line.contractor, "", line.since, line.until)
        for member in line.members:
            if member.kvk_number != line.contractor.kvk_number:
                yield _row(register, line, _("Member of the consortium"), member, "", line.since, line.until)
        for sub in line.subcontractors:
            yield _row(register, line, _("Subcontractor"), sub.party, sub.part_of_work, sub.since, sub.until)


def _row(
    register: Register, line: ContractLine, role: str, party: Party, work: str, since: date, until: date | None
) -> Row:
    return [
        register.on, register.version.date if register.version else None, line.segment.region, line.segment.lot,
        line.segment.name, ", ".join(line.subsegments), line.number, line.name, role, party.name, party.legal_form,
        party.kvk_number, party.agb_code, party.city, work, since, until,
        ", ".join(place.name for place in line.municipalities),
    ]  # fmt: skip


def as_csv(register: Register) -> bytes:
    """With semicolons and a byte order mark, so that a Dutch spreadsheet opens it with its columns and accents."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings())
    for row in rows(register):
        writer.writerow([harmless(_text(value)) for value in row])
    return out.getvalue().encode("utf-8-sig")


def _text(value: str | date | None) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else value


def as_xlsx(register: Register) -> bytes:
    """A workbook with one sheet; text is written as text, so that nothing becomes a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Register"))
    sheet.freeze_panes = "A2"
    titles = headings()
    for number, title in enumerate(titles, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = max(14, len(title) + 4)
    sheet.append([_cell(sheet, title, bold=True) for title in titles])
    for row in rows(register):
        sheet.append([_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: str | date | None, *, bold: bool = False) -> Any:
    clean = ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
    cell: Any = WriteOnlyCell(sheet, value=clean)  # type: ignore[arg-type]
    if isinstance(value, str):
        cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def as_json(register: Register) -> dict[str, Any]:
    """The register as a program reads it; its fields are described on the register's own page.

    `format` changes when a field is renamed or goes away, not when one is added.
    """
    version = register.version
    return {
        "format": JSON_FORMAT,
        "on": register.on.isoformat(),
        "version": {"date": version.date.isoformat(), "note": version.note} if version else None,
        "contracts": [_contract(line) for line in register.contracts],
    }


def _contract(line: ContractLine) -> dict[str, Any]:
    return {
        "number": line.number,
        "partner": line.name,
        "consortium": line.consortium or None,
        "contractor": _party(line.contractor),
        "members": [_party(member) for member in line.members],
        "region": line.segment.region,
        "tender": line.segment.tender,
        "lot": line.segment.lot,
        "segment": {"slug": line.segment.slug, "name": line.segment.name},
        "subsegments": list(line.subsegments),
        "municipalities": [{"slug": place.slug, "name": place.name} for place in line.municipalities],
        "from": line.since.isoformat(),
        "until": line.until.isoformat(),
        "subcontractors": [_subcontractor(sub) for sub in line.subcontractors],
    }


def _subcontractor(sub: SubcontractorLine) -> dict[str, Any]:
    return {
        **_party(sub.party),
        "part_of_work": sub.part_of_work,
        "from": sub.since.isoformat(),
        "until": sub.until.isoformat() if sub.until else None,
    }


def _party(party: Party) -> dict[str, str]:
    return {
        "name": party.name,
        "legal_form": party.legal_form,
        "kvk_number": party.kvk_number,
        "agb_code": party.agb_code,
        "city": party.city,
        "website": party.website,
    }
