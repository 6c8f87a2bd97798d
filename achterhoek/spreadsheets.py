"""Tables as files for a spreadsheet: CSV and XLSX, in which no text becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

# A spreadsheet takes text that begins so for a formula, and would run it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
NARROW, WIDE = 14, 60
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
    """A sheet for each table; text is written as text, figures as figures."""
    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(table.name[:31])
        sheet.freeze_panes = "A2"
        for number, title in enumerate(table.headings, start=1):
            longest = max(
                (len(str(row[number - 1] or "")) for row in table.rows if not _is_figure(row[number - 1])), default=0
            )
            sheet.column_dimensions[get_column_letter(number)].width = min(max(NARROW, len(title), longest) + 2, WIDE)
        heading, text = _cell(sheet, bold=True), _cell(sheet)
        sheet.append(_filled(heading, table.headings))
        for row in table.rows:
            sheet.append(_filled(text, row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


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


def _cell(sheet: Any, *, bold: bool = False) -> Any:
    """A cell for text, that wraps."""
    cell: Any = WriteOnlyCell(sheet)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if bold:
        cell.font = Font(bold=True)
    return cell


def _filled(cell: Any, row: Sequence[Value]) -> Iterator[Any]:
    """The cells of a row, text in the one given.

    Each is written before the next is asked for, so it is filled again and again: to style each of thousands by
    itself takes seconds.
    """
    for value in row:
        if isinstance(value, str):
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
            cell.data_type = "s"
            yield cell
        else:
            yield value
