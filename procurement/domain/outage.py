"""When a deadline may be extended after an outage, and until when at least (Aw 2.109). Pure.

The law speaks of an outage shortly before the deadline and names no length; these are our choices, made once and
the same for every tender:

- *Shortly before* is the last 24 hours: most of what comes in comes in then, and whoever was stopped earlier had a
  whole day left.
- Bidders get back at least all the time that the outage took, counted from the old deadline or from now, whichever is
  later, so that nobody has less time than before; and never less than an hour, since they have to read the mail first.
- The new deadline lies on a working day (Algemene termijnenwet, art. 1 and 3), so that whoever is called up again
  finds colleagues and a helpdesk.
"""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from procurement.domain.periods import Calendar

SHORTLY_BEFORE: Final = timedelta(hours=24)
SHORTEST: Final = timedelta(hours=1)
AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")


def hindered(deadline: datetime, outage_from: datetime, outage_until: datetime) -> bool:
    """Whether this outage kept people from submitting shortly before the deadline."""
    return outage_from < deadline and outage_until > deadline - SHORTLY_BEFORE


def earliest_extension(
    deadline: datetime, now: datetime, outage_from: datetime, outage_until: datetime, *, calendar: Calendar
) -> datetime:
    """The first moment that the new deadline may be, in whole minutes."""
    lost = max(outage_until - outage_from, SHORTEST)
    moment = (max(deadline, now) + lost).astimezone(AMSTERDAM)
    if moment.second or moment.microsecond:
        moment = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
    day = calendar.roll(moment.date())
    return datetime.combine(day, moment.timetz()) if day != moment.date() else moment


def is_working_moment(moment: datetime, *, calendar: Calendar) -> bool:
    """Whether a moment lies on a working day in the Netherlands."""
    return calendar.is_working_day(moment.astimezone(AMSTERDAM).date())
