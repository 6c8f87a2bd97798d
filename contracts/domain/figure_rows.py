"""A file with many figures: its columns, and what is wrong with a row. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

CONTRACT, YEAR, QUARTER, INDICATOR, PLACE, FIGURE, REMARK = (
    "contract", "jaar", "kwartaal", "indicator", "gemeente", "cijfer", "opmerking",
)  # fmt: skip
COLUMNS: Final = (CONTRACT, YEAR, QUARTER, INDICATOR, PLACE, FIGURE, REMARK)
NEEDED: Final = (CONTRACT, YEAR, QUARTER, INDICATOR, FIGURE)
MOST_ROWS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Line:
    """A row with its number in the file, as a spreadsheet counts them."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


class BadFile(Exception):
    """The file as a whole cannot be read; `args[0]` is why: `columns` (with those that lack), `empty`, `long`."""


def lines_of(
    rows: Iterable[Sequence[object]], columns: Sequence[str] = COLUMNS, needed: Sequence[str] = NEEDED
) -> list[Line]:
    """The rows under their headings; empty ones are left out, columns that are not asked are not looked at.

    Raises `BadFile`.
    """
    given = iter(rows)
    heads = [str(cell or "").strip().lower() for cell in next(given, ())]
    missing = [name for name in needed if name not in heads]
    if missing:
        raise BadFile("columns", missing)
    found = []
    for number, row in enumerate(given, start=2):
        cells = {head: _text(cell) for head, cell in zip(heads, row, strict=False) if head in columns}
        if any(cells.values()):
            found.append(Line(number, cells))
        if len(found) > MOST_ROWS:
            raise BadFile("long", MOST_ROWS)
    if not found:
        raise BadFile("empty", None)
    return found


def _text(cell: object) -> str:
    """A cell as it would be typed: a figure with a comma, a whole one without .0."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.15g}".replace(".", ",")
    text = str(cell).strip()
    # What a spreadsheet would take for a formula was written with an apostrophe before it.
    return text[1:] if text.startswith("'") else text
