"""The days that count in a change of subcontractor: until when it is decided, how long evidence holds."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Final

# Our own terms [choice], in no statute: Team CLM decides within four weeks, a municipality advises within two.
DECISION_DAYS: Final = 28
ADVICE_DAYS: Final = 14

# How many months old a document may be on the day that counts (Aw 2.89): an extract of the trade register and a
# statement of the tax authority six months, a declaration of conduct (GVA) two years. Others have no fixed age.
HOLDS_MONTHS: Final = {"kvk_extract": 6, "tax": 6, "conduct": 24}


def decide_by(asked_on: date) -> date:
    """The day by which Team CLM decides. It does not roll: it is no term of the law."""
    return asked_on + timedelta(days=DECISION_DAYS)


def moved_on(decide_by: date, asked_on: date, answered_on: date) -> date:
    """The same, after a question: the days that the contractor took to answer do not count."""
    return decide_by + timedelta(days=max((answered_on - asked_on).days, 0))


def holds_until(kind: str, issued_on: date) -> date | None:
    """The last day on which a document of this kind counts; None where its age does not matter."""
    months = HOLDS_MONTHS.get(kind)
    return None if months is None else add_months(issued_on, months)


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months on, or the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
