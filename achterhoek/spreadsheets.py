"""Tables as files for a spreadsheet: CSV and XLSX, in which no text becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape
from itertools import repeat
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

# A spreadsheet takes text that begins so for a formula, and would run it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
NARROW, WIDE = 14, 60
# From which a spreadsheet counts its days.
DAY_ZERO = date(1899, 12, 30)
# Of the levels of compression the one that takes the least time; a sheet is mostly repetition.
FAST = 1
Value = str | Decimal | int | date | None


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet: its name, its columns, and its rows."""

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Value]]


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula: such a beginning gets an apostrophe before it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def as_csv(table: Table) -> bytes:
    """With semicolons, a comma in figures and a byte order mark, so that a Dutch spreadsheet opens it as it is."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for row in (table.headings, *table.rows):
        writer.writerow([_written(value) for value in row])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(tables: Iterable[Table]) -> bytes:
    """A sheet for each table; text is written as text, figures as figures.

    The rows are put into the sheets as text afterwards: a library that makes an object of each of tens of thousands of
    cells takes several times as long.
    """
    book = Workbook(write_only=True)
    rows = []
    for table in tables:
        sheet = book.create_sheet(table.name[:31])
        sheet.freeze_panes = "A2"
        for number, title in enumerate(table.headings, start=1):
            longest = max(
                (len(str(row[number - 1] or "")) for row in table.rows if not _is_figure(row[number - 1])), default=0
            )
            sheet.column_dimensions[get_column_letter(number)].width = min(max(NARROW, len(title), longest) + 2, WIDE)
        sheet.append([_cell(sheet, text=title, bold=True) for title in table.headings])
        rows.append(_Rows(table, text=_cell(sheet).style_id, day=_cell(sheet, day=True).style_id))
    out = io.BytesIO()
    book.save(out)
    return _with_rows(out, rows)


def _cell(sheet: Any, *, text: str = "", bold: bool = False, day: bool = False) -> Any:
    """A cell that wraps."""
    cell: Any = WriteOnlyCell(sheet)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if bold:
        cell.font = Font(bold=True)
    if day:
        cell.number_format = "yyyy-mm-dd"
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
    cell.data_type = "s"
    return cell


def _with_rows(made: io.BytesIO, rows: Sequence[_Rows]) -> bytes:
    """The same workbook, in which each sheet has its rows below its headings."""
    out = io.BytesIO()
    with ZipFile(made) as before, ZipFile(out, "w", ZIP_DEFLATED, compresslevel=FAST) as after:
        sheets = {f"xl/worksheets/sheet{number}.xml": found for number, found in enumerate(rows, start=1)}
        for name in before.namelist():
            part = before.read(name)
            if name in sheets:
                start, end = part.split(b"</sheetData>")
                part = b"".join((start, sheets[name].as_xml().encode(), b"</sheetData>", end))
            after.writestr(name, part)
    return out.getvalue()


class _Rows:
    """The rows of a table below its headings, as SpreadsheetML; `text` and `day` are the numbers of their styles."""

    def __init__(self, table: Table, *, text: int, day: int) -> None:
        self.table, self.text, self.day = table, text, day
        self.known: dict[str, str] = {}

    def as_xml(self) -> str:
        letters = [get_column_letter(number) for number in range(1, len(self.table.headings) + 1)]
        return "".join(
            f'<row r="{number}">{"".join(map(self._cell, letters, repeat(number), row))}</row>'
            for number, row in enumerate(self.table.rows, start=2)
        )

    def _cell(self, letter: str, number: int, value: Value) -> str:
        if isinstance(value, str):
            return f'<c r="{letter}{number}" s="{self.text}" t="inlineStr"><is><t{self._text(value)}</t></is></c>'
        if value is None:
            return ""
        if isinstance(value, date):
            return f'<c r="{letter}{number}" s="{self.day}"><v>{(value - DAY_ZERO).days}</v></c>'
        figure = f"{value:f}" if isinstance(value, Decimal) else str(value)
        return f'<c r="{letter}{number}"><v>{figure}</v></c>'

    def _text(self, value: str) -> str:
        """The end of the tag, and the text; the same names come back in many rows."""
        found = self.known.get(value)
        if found is None:
            text = ILLEGAL_CHARACTERS_RE.sub("", value).replace("\r\n", "\n").replace("\r", "\n")
            kept = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
            found = self.known[value] = f"{kept}>{escape(text, quote=False)}"
        return found


def _is_figure(value: Value) -> bool:
    return isinstance(value, (Decimal, int))


def _written(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}".replace(".", ",") if isinstance(value, Decimal) else str(value)
