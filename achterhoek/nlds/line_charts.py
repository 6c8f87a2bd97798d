"""A line over periods, drawn by the server: broken where nothing is known, with the lines it is held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

# Narrow enough for a phone, where it is drawn at its own size.
WIDTH, HEIGHT = 384, 180
LEFT, RIGHT, TOP, BOTTOM = 0, 80, 18, 40  # room for the names of the levels, and of the periods
MARK_ABOVE = 8
ERA_BEFORE = 9
# A line of text: names of levels stand no nearer to each other.
LINE = 15


@dataclass(frozen=True, slots=True)
class Period:
    """One period under the line. `known`: whether there is a figure; `label` is shown at it.

    `era`: what it belongs to, the year of a quarter, at the first period of it.
    """

    x: int
    y: int
    name: str
    era: str
    label: str
    known: bool

    @property
    def era_x(self) -> int:
        """Where the name of the era begins: under its first period, and at the edge where that is the first of all."""
        return max(self.x - ERA_BEFORE, LEFT)

    @property
    def above(self) -> int:
        return self.y - MARK_ABOVE


@dataclass(frozen=True, slots=True)
class Level:
    """A figure to hold the line against, all along; its name stands beside it, clear of the names of others."""

    y: int
    label: str
    label_y: int


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
    name_line: int = HEIGHT - 24
    era_line: int = HEIGHT - 8

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

    Of a name like `2024-1` the part after the hyphen stands under the line, and the other part once below it.
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

    eras = [name.rpartition("-")[0] for name, _value, _label in values]

    periods = tuple(
        Period(
            x=round(LEFT + step * number + step / 2),
            y=height(Fraction(value)) if value is not None else HEIGHT - BOTTOM,
            name=name.rpartition("-")[2],
            era=eras[number] if number == 0 or eras[number] != eras[number - 1] else "",
            label=label,
            known=value is not None,
        )
        for number, (name, value, label) in enumerate(values)
    )
    return LineChart(periods, _path(periods), _levels([(height(value), name) for value, name in held]))


def _levels(held: Sequence[tuple[int, str]]) -> tuple[Level, ...]:
    """From the top down; a name that would stand on the one above it moves down."""
    levels: list[Level] = []
    for y, name in sorted(held):
        free = levels[-1].label_y + LINE if levels else 0
        levels.append(Level(y, name, max(y + 4, free)))
    return tuple(levels)


def _path(periods: Sequence[Period]) -> str:
    """From figure to figure; where one lacks the line stops, and begins anew after it."""
    steps, joined = [], False
    for period in periods:
        if period.known:
            steps.append(f"{'L' if joined else 'M'}{period.x} {period.y}")
        joined = period.known
    return "".join(steps)
