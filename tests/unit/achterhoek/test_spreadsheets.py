"""A workbook holds what the table holds, read by another program than the one that wrote it."""

from __future__ import annotations

import io
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from achterhoek.spreadsheets import Table, as_xlsx

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"), max_size=40)
values = st.one_of(
    st.none(),
    texts,
    st.integers(-(10**9), 10**9),
    st.decimals(-1000, 1000, places=2),
    st.dates(date(1950, 1, 1), date(2100, 1, 1)),
)


def shown(value: Any) -> Any:
    """As a spreadsheet gives it back: nothing for no text, one kind of line end, figures as figures."""
    if isinstance(value, str):
        return ILLEGAL_CHARACTERS_RE.sub("", value).replace("\r\n", "\n").replace("\r", "\n") or None
    if isinstance(value, Decimal):
        return float(value)
    return datetime.combine(value, time()) if isinstance(value, date) else value


@given(st.lists(st.lists(st.lists(values, min_size=3, max_size=3), max_size=4), min_size=1, max_size=3))
def test_every_value_of_every_sheet_comes_back(sheets: list[list[list[Any]]]) -> None:
    tables = [Table(f"Blad {number}", ["=kop", "<b>", ""], rows) for number, rows in enumerate(sheets)]

    book = load_workbook(io.BytesIO(as_xlsx(tables)))

    for table in tables:
        sheet = book[table.name]
        assert [cell.value for cell in sheet[1]] == ["=kop", "<b>", None]
        for number, row in enumerate(table.rows, start=2):
            cells = [sheet.cell(number, column) for column in (1, 2, 3)]
            assert [cell.value if cell.value != "" else None for cell in cells] == [shown(value) for value in row]
            assert "f" not in {cell.data_type for cell in cells}


def test_text_wraps_and_headings_stay_in_sight() -> None:
    sheet = load_workbook(io.BytesIO(as_xlsx([Table("Blad", ["a"], [["tekst"]])])))["Blad"]

    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert not sheet["A2"].font.bold
    assert sheet["A2"].alignment.wrap_text
