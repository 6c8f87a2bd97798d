"""The plan of a tender as it is shown: phases and milestones, when they are, and each time they moved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from achterhoek.nlds.formatting import format_day
from procurement.enums import DatePrecision
from procurement.models import DecisionLogEntry, Phase, Replan


@dataclass(frozen=True, slots=True)
class Move:
    """One replan in words: from when to when, decided when, and why."""

    earlier: str
    later: str
    decided: str
    reason: str
    is_scenario: bool


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A phase or a milestone with its date in words; `state` is done, current or todo on the given day."""

    title: str
    content: str
    when: str
    state: str
    is_milestone: bool
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class LogLine:
    """One decision of the log, with its date as well as it is known."""

    when: str
    entry: DecisionLogEntry


def known_day(day: date, precision: str) -> str:
    """A date in words, no more precise than the source: `1 april 2021`, `begin februari 2021`, `2024`."""
    month = date_format(day, "F Y")
    if precision == DatePrecision.YEAR:
        return str(day.year)
    if precision == DatePrecision.QUARTER:
        return _("quarter %(number)d of %(year)d") % {"number": (day.month + 2) // 3, "year": day.year}
    if precision == DatePrecision.MONTH:
        return month
    if precision == DatePrecision.MONTH_START:
        return _("early %(month)s") % {"month": month}
    if precision == DatePrecision.MONTH_END:
        return _("late %(month)s") % {"month": month}
    return format_day(day)


def plan_lines(phases: Iterable[Phase], today: date) -> list[PlanLine]:
    """The plan in its order. The phases come with their replans fetched."""
    return [
        PlanLine(
            title=phase.title,
            content=phase.content,
            when=_period(phase),
            state=_state(phase, today),
            is_milestone=phase.is_milestone,
            moves=tuple(_move(replan) for replan in phase.replans.all()),
        )
        for phase in phases
    ]


def log_lines(entries: Iterable[DecisionLogEntry]) -> list[LogLine]:
    return [LogLine(known_day(entry.date, entry.precision), entry) for entry in entries]


def _period(phase: Phase) -> str:
    start = known_day(phase.planned_start, phase.precision) if phase.planned_start else ""
    end = known_day(phase.planned_end, phase.precision) if phase.planned_end else ""
    if phase.is_milestone or start == end:
        return start
    if not end:
        return _("from %(start)s") % {"start": start}
    return _("%(start)s to %(end)s") % {"start": start, "end": end} if start else end


def _state(phase: Phase, today: date) -> str:
    start, end = phase.planned_start, phase.planned_end or (phase.planned_start if phase.is_milestone else None)
    if start and start > today:
        return "todo"
    if end and end < today:
        return "done"
    return "current" if start or end else "todo"


def _move(replan: Replan) -> Move:
    return Move(
        earlier=_in_words(replan.from_value),
        later=_in_words(replan.to_value),
        decided=known_day(replan.decided_on, replan.precision) if replan.decided_on else "",
        reason=replan.reason,
        is_scenario=replan.is_scenario,
    )


def _in_words(value: str) -> str:
    try:
        return format_day(date.fromisoformat(value))
    except ValueError:
        return value
