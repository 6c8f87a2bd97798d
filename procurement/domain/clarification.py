"""The term of a request for clarification, and who stands in the same position. Pure.

Aw 2.55 lets the authority ask for a clarification or the repair of an obvious error; everybody in the same position
gets the same chance and the same term (Aw 1.8). The law names no length: the portal proposes two working days.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from procurement.domain.periods import Calendar

DEFAULT_WORKING_DAYS: Final = 2
DEFAULT_HOUR: Final = 17

_DAY = timedelta(days=1)


def default_due_day(sent: date, *, calendar: Calendar) -> date:
    """The last day that is proposed: the second working day after the day of sending."""
    days = _working_days_after(sent, calendar)
    for _day in range(DEFAULT_WORKING_DAYS - 1):
        next(days)
    return next(days)


def working_days(sent: date, due: date, *, calendar: Calendar) -> int:
    """How many working days a term has: those after the day of sending, up to and with its last day."""
    span = (sent + _DAY * number for number in range(1, (due - sent).days + 1))
    return sum(calendar.is_working_day(day) for day in span)


def same_point(text: str) -> str:
    """What two descriptions of one point have in common: their words, whatever the capitals and spaces."""
    return " ".join(text.casefold().split())


def _working_days_after(day: date, calendar: Calendar) -> Iterator[date]:
    while True:
        day += _DAY
        if calendar.is_working_day(day):
            yield day
