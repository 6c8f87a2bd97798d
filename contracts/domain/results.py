"""Quarterly results: which quarter, what a figure may be, which way it goes, and what asks for attention. Pure.

A quarter without a report, and a figure that is not known, are `None` everywhere: never a zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

HIGHER, LOWER = "higher", "lower"
# A report is due so long after the last day of its quarter; reminders go a week before and a week after that.
DUE_AFTER = timedelta(weeks=6)
REMIND = timedelta(weeks=1)
# So many quarters are shown: three years, the first term of a contract.
SHOWN = 12
# Sudden: by a fifth of the range of what can be measured; where that has no end, by half of the quarter before and
# by two at least, so that one complaint that becomes two is no alarm.
SUDDEN_OF_RANGE, SUDDEN_OF_VALUE, SUDDEN_AT_LEAST = Decimal("0.2"), Decimal("0.5"), Decimal(2)
# Of what has no end: no region counts further, nor does the database.
MOST = Decimal(9_999_999)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A quarter of a calendar year."""

    year: int
    number: int

    @property
    def start(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def end(self) -> date:
        """The last day, included."""
        return self.next.start - _DAY

    @property
    def next(self) -> Quarter:
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def previous(self) -> Quarter:
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)

    @property
    def due_on(self) -> date:
        """The last day on which its report is in time."""
        return self.end + DUE_AFTER


def quarter_of(day: date) -> Quarter:
    """The quarter in which a day lies."""
    return Quarter(day.year, (day.month + 2) // 3)


def last_ended(today: date) -> Quarter:
    """The last quarter that is over."""
    return quarter_of(today).previous


def quarters_until(last: Quarter, count: int = SHOWN) -> list[Quarter]:
    """So many quarters in a row, the last one at the end."""
    found = [last]
    while len(found) < count:
        found.append(found[-1].previous)
    return found[::-1]


def runs_in(quarter: Quarter, first: date, last: date) -> bool:
    """Whether a contract runs in (part of) a quarter; both ends included."""
    return first <= quarter.end and last >= quarter.start


def must_remind(due_on: date, reminded_on: date | None, today: date) -> bool:
    """Whether a reminder of a report that is not in is due: once in the week before, once a week after its last day."""
    if today >= due_on + REMIND:
        return reminded_on is None or reminded_on <= due_on
    return due_on - REMIND <= today <= due_on and reminded_on is None


class Problem(StrEnum):
    """Why something cannot be a figure."""

    TOO_LOW = "too_low"
    TOO_HIGH = "too_high"
    DECIMALS = "decimals"


@dataclass(frozen=True, slots=True)
class Measure:
    """What can be measured: from where to where, with how many decimals, and which way is better."""

    lowest: Decimal
    highest: Decimal | None
    decimals: int
    direction: str

    def problem(self, value: Decimal) -> Problem | None:
        """Why this cannot be; None where it can."""
        if value < self.lowest:
            return Problem.TOO_LOW
        if value > (MOST if self.highest is None else self.highest):
            return Problem.TOO_HIGH
        if value != round(value, self.decimals):
            return Problem.DECIMALS
        return None

    def is_worse(self, value: Decimal, than: Decimal) -> bool:
        return value < than if self.direction == HIGHER else value > than

    def is_sudden(self, before: Decimal, after: Decimal) -> bool:
        change = abs(after - before)
        if self.highest is not None:
            return change >= SUDDEN_OF_RANGE * (self.highest - self.lowest)
        return change >= SUDDEN_AT_LEAST and change >= SUDDEN_OF_VALUE * before


class Sign(StrEnum):
    """What asks for attention."""

    BELOW_NORM = "below_norm"
    BELOW_PROMISE = "below_promise"
    SUDDEN = "sudden"
    MISSING = "missing"


class Trend(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Targets:
    """What a figure is held against: the norm of the segment, and what the contractor promised in its bid."""

    norm: Decimal | None = None
    promise: Decimal | None = None


def signs(measure: Measure, values: Sequence[Decimal | None], targets: Targets) -> frozenset[Sign]:
    """What the figures of consecutive quarters tell, the last one at the end.

    Below the norm counts when the last two quarters both are; below the promise at once, since it was promised. What
    is not known tells nothing, so that after a quarter without a figure two have to follow one another anew.
    """
    last = values[-1] if values else None
    before = values[-2] if len(values) > 1 else None
    if last is None:
        return frozenset()
    found = set()
    if targets.promise is not None and measure.is_worse(last, targets.promise):
        found.add(Sign.BELOW_PROMISE)
    if before is not None:
        norm = targets.norm
        if norm is not None and measure.is_worse(last, norm) and measure.is_worse(before, norm):
            found.add(Sign.BELOW_NORM)
        if measure.is_sudden(before, last):
            found.add(Sign.SUDDEN)
    return frozenset(found)


def trend(measure: Measure, values: Sequence[Decimal | None]) -> Trend | None:
    """Which way it went over the last four quarters: the last figure against the first; None with fewer than two."""
    known = [value for value in values[-4:] if value is not None]
    if len(known) < 2:
        return None
    if known[-1] == known[0]:
        return Trend.SAME
    return Trend.WORSE if measure.is_worse(known[-1], known[0]) else Trend.BETTER


@dataclass(frozen=True, slots=True)
class Together:
    """The figures of several contracts in one quarter: their mean, and how many there are of how many asked."""

    mean: Decimal | None
    known: int
    asked: int


def together(values: Iterable[Decimal | None]) -> Together:
    """The plain mean of what is known: contracts do not report their size. What is missing does not count."""
    given = list(values)
    known = [value for value in given if value is not None]
    mean = sum(known, Decimal(0)) / len(known) if known else None
    return Together(mean, len(known), len(given))


def changed_figures(
    before: Mapping[tuple[str, str], Decimal | None], after: Mapping[tuple[str, str], Decimal | None]
) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    """What a correction changes, by indicator and municipality: (what it was, what it is), for the log."""

    def told(value: Decimal | None) -> str | None:
        return None if value is None else f"{value.normalize():f}"

    keys = sorted(before.keys() | after.keys())
    pairs = {key: (told(before.get(key)), told(after.get(key))) for key in keys}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
