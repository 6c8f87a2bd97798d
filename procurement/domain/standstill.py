"""The standstill after an award: when it ends, what holds it up, and when the result has to be announced.

Two dates follow from sending. The standstill (opschortende termijn, Aw 2.127) is a term of the law of 20 days or
more, counted from the day after sending, and runs on to a working day. The contractual cut-off (vervaltermijn) is
a promise of the tender and does not roll. Dates only, in Dutch time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from procurement.domain.periods import STANDSTILL_DAYS, Calendar, standstill_end

NOTICE_DAYS: Final = 30  # Aw 2.134
NOTICE_WARNING_DAYS: Final = 7
# The values of `ObjectionKind` and of the states in which one still runs.
COMPLAINT: Final = "complaint"
OPEN: Final = frozenset({"received", "in_review"})
UPHELD: Final = "upheld"
NOTHING_CHANGES: Final = "none"

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Standstill:
    """`until` is the last day on which nothing may be signed; `cutoff` the last day for an objection by contract."""

    sent: date
    until: date
    cutoff: date

    @property
    def first_signing_day(self) -> date:
        return first_signing_day(self.until)


@dataclass(frozen=True, slots=True)
class Case:
    """What was brought against a decision, as far as it matters for signing."""

    number: str
    suspends: bool
    status: str
    consequence: str = ""

    @property
    def holds_up(self) -> bool:
        """It suspends and runs, or it was upheld with a consequence: then the decision has to be withdrawn."""
        if self.status == UPHELD:
            return self.consequence != NOTHING_CHANGES
        return self.suspends and self.status in OPEN


def standstill_after(
    sent: date, *, calendar: Calendar, days: int = STANDSTILL_DAYS, cutoff_days: int = STANDSTILL_DAYS
) -> Standstill:
    """The dates after sending. Raises `ValueError` where the standstill would be shorter than the law's."""
    if days < STANDSTILL_DAYS:
        raise ValueError(f"a standstill lasts {STANDSTILL_DAYS} days or more")
    if cutoff_days < 1:
        raise ValueError("the cut-off is at least one day")
    return Standstill(sent, standstill_end(sent, calendar=calendar, days=days), sent + timedelta(days=cutoff_days))


def first_signing_day(until: date) -> date:
    """The day after the standstill; a day off does not matter here, since nothing has to be done on it."""
    return until + _DAY


def suspends(kind: str, received: date, until: date | None) -> bool:
    """Whether this holds up the contract: no complaint, and received on the last day of the standstill at the latest.

    Interim relief by law (Aw 2.131), an objection because the authority promises so. Without a standstill (after a
    selection) there is nothing to hold up.
    """
    return kind != COMPLAINT and until is not None and received <= until


def holding_up(cases: Iterable[Case]) -> tuple[Case, ...]:
    """What holds up the contract now."""
    return tuple(case for case in cases if case.holds_up)


def signing_day(until: date, cases: Iterable[Case]) -> date | None:
    """The first day on which signing is possible as things are now; None while something holds it up."""
    return None if holding_up(cases) else first_signing_day(until)


def notice_due(final: date) -> date:
    """The last day to publish the award that became final on this day (Aw 2.134).

    Thirty days and no later: nothing is lost by not counting on a day off.
    """
    return final + timedelta(days=NOTICE_DAYS)


def notice_state(due: date, today: date) -> str:
    """`overdue` after its last day, `soon` in the week before it, or `waiting`."""
    if today > due:
        return "overdue"
    return "soon" if today >= due - timedelta(days=NOTICE_WARNING_DAYS) else "waiting"
