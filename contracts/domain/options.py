"""An option as its colleges decide it: who extends, who does not, who still has to say so; and when to remind. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.domain.terms import notice_latest

EXTEND, CONDITIONAL, DECLINE = "extend", "conditional", "decline"
# Months before an option begins on which Team CLM and the colleges are reminded of it, where notice is the usual six
# months or less. With a longer notice all of them come as much earlier, so that none is too late to do anything.
REMIND_AHEAD = (12, 9, 7)
USUAL_NOTICE = 6
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Decided:
    """What the college of one municipality decided; of a condition also whether it is met."""

    municipality: int
    outcome: str
    condition_met: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How an option stands, in municipalities: those that extend, do not, have to decide, or wait for a condition."""

    extend: frozenset[int]
    decline: frozenset[int]
    waiting: frozenset[int]
    conditional: frozenset[int]

    @property
    def is_complete(self) -> bool:
        """Whether all colleges that take part have decided, with every condition met."""
        return not self.waiting and not self.conditional and bool(self.extend or self.decline)

    @property
    def is_extended(self) -> bool:
        """Whether the contract goes on: in the municipalities that extend. Where none does, it ends."""
        return self.is_complete and bool(self.extend)


def standing(taking_part: Collection[int], decided: Iterable[Decided]) -> Standing:
    """How an option stands. What a municipality that does not take part decided does not count.

    Raises `ValueError` for an outcome that does not exist, or a municipality that decided twice.
    """
    asked = frozenset(taking_part)
    found: dict[str, set[int]] = {EXTEND: set(), CONDITIONAL: set(), DECLINE: set()}
    seen: set[int] = set()
    for one in decided:
        if one.outcome not in found:
            raise ValueError(f"no outcome of an option: {one.outcome}")
        if one.municipality in seen:
            raise ValueError("a college decides once")
        seen.add(one.municipality)
        met = one.outcome == CONDITIONAL and one.condition_met
        found[EXTEND if met else one.outcome].add(one.municipality)
    return Standing(
        extend=asked & found[EXTEND],
        decline=asked & found[DECLINE],
        waiting=asked - seen,
        conditional=asked & found[CONDITIONAL],
    )


def reminder_day(start: date, months: int) -> date:
    """The day so many months before an option begins. Counted backwards, so it does not roll."""
    return notice_latest(start, months) + _DAY


def remind_ahead(notice_months: int) -> tuple[int, ...]:
    """How many months before an option begins one is reminded of it, with this notice: 12, 9 and 7, or earlier."""
    earlier = max(notice_months - USUAL_NOTICE, 0)
    return tuple(months + earlier for months in REMIND_AHEAD)


def reminders_due(start: date, notice_months: int, today: date, sent: Collection[int]) -> list[int]:
    """Which reminders are due and were not sent, the nearest one first; the others have been overtaken by it."""
    ahead = remind_ahead(notice_months)
    return sorted(months for months in ahead if months not in sent and reminder_day(start, months) <= today)
