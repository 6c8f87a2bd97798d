"""A line over periods, drawn by the server: broken where nothing is known, with the lines it is held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

WIDTH, HEIGHT = 760, 220
LEFT, RIGHT, TOP, BOTTOM = 0, 0, 24, 34  # room for the names of the periods
MARK_ABOVE = 10


@dataclass(frozen=True, slots=True)
class Period:
    """One period under the line. `known`: whether there is a figure; `label` is shown at it."""

    x: int
    y: int
    name: str
    label: str
    known: bool

    @property
    def above(self) -> int:
        return self.y - MARK_ABOVE


@dataclass(frozen=True, slots=True)
class Level:
    """A figure to hold the line against, all along."""

    y: int
    label: str


@dataclass(frozen=True, slots=True)
class LineChart:
    periods: tuple[Period, ...]
    path: str
    levels: tuple[Level, ...]
    bottom: int = HEIGHT - BOTTOM
    left: int = LEFT
    right: int = WIDTH - RIGHT
    width: int = WIDTH
    height: int = HEIGHT
    name_line: int = HEIGHT - 10

    @property
    def gap_line(self) -> int:
        """Where a period without a figure says so."""
        return self.bottom - 6


def line_chart(
    values: Sequence[tuple[str, Decimal | None, str]],
    levels: Sequence[tuple[Decimal | None, str]] = (),
    base: Decimal | None = None,
) -> LineChart:
    """Periods as (name, figure or None, label), the oldest first, and levels as (figure or None, name).

    The scale holds all figures and levels, so that a line that never meets its norm shows that too. It begins at
    `base` where that is given: a small change then looks small.
    """
    shown = [Fraction(value) for _name, value, _label in values if value is not None]
    held = [(Fraction(value), name) for value, name in levels if value is not None]
    every = [*shown, *(value for value, _name in held), *([Fraction(base)] if base is not None else [])]
    low, high = (min(every), max(every)) if every else (Fraction(0), Fraction(1))
    if low == high:
        low, high = low - 1, high + 1
    step = Fraction(WIDTH - LEFT - RIGHT, max(len(values), 1))

    def height(value: Fraction) -> int:
        room = HEIGHT - TOP - BOTTOM - 26
        return TOP + 8 + round((high - value) / (high - low) * room)

    periods = tuple(
        Period(
            x=round(LEFT + step * number + step / 2),
            y=height(Fraction(value)) if value is not None else HEIGHT - BOTTOM,
            name=name,
            label=label,
            known=value is not None,
        )
        for number, (name, value, label) in enumerate(values)
    )
    return LineChart(periods, _path(periods), tuple(Level(height(value), name) for value, name in held))


def _path(periods: Sequence[Period]) -> str:
    """From figure to figure; where one lacks the line stops, and begins anew after it."""
    steps, joined = [], False
    for period in periods:
        if period.known:
            steps.append(f"{'L' if joined else 'M'}{period.x} {period.y}")
        joined = period.known
    return "".join(steps)
