"""Legal periods in a tender: when a term ends, and how late something may still be sent.

A term runs from the day after the event, and one that ends on a Saturday, Sunday or public holiday runs on to
the next working day (Algemene termijnenwet, art. 1 and 3). A date that is counted backwards from another does
not roll. Dates only: the hour of a deadline and its clock are not decided here.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

STANDSTILL_DAYS: Final = 20  # Aw 2.127
PARTICIPATION_DAYS: Final = 30  # Aw 2.71(2)
TENDER_DAYS: Final = 40  # Aw 2.71(4)
ELECTRONIC_TENDER_DAYS: Final = 35  # Aw 2.74b
NOTA_DAYS: Final = 10  # Aw 2.54
ACCELERATED_NOTA_DAYS: Final = 4  # Aw 2.54
SAFETY_NET_DAYS: Final = 1  # Aw 2.109a
# Algemene termijnenwet, art. 4: longer terms end on the day itself.
LONGEST_ROLLING_TERM: Final = 90

_DAY = timedelta(days=1)
_SATURDAY = 5
_SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days count as working days. `equated`: days put on a par with holidays by royal decree (data)."""

    equated: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < _SATURDAY and day not in public_holidays(day.year) and day not in self.equated

    def roll(self, day: date) -> date:
        """The day itself if it is a working day, else the first working day after it."""
        while not self.is_working_day(day):
            day += _DAY
        return day


@lru_cache(maxsize=256)
def public_holidays(year: int) -> frozenset[date]:
    """The public holidays of the law in a year (Algemene termijnenwet, art. 3(1)), other than Sundays.

    Good Friday and 5 May count every year, unlike in most lists of days off.
    """
    easter = easter_sunday(year)
    return frozenset(
        {
            date(year, 1, 1),
            easter - timedelta(days=2),  # Good Friday
            easter + timedelta(days=1),  # Easter Monday
            _kings_day(year),
            date(year, 5, 5),  # Liberation Day
            easter + timedelta(days=39),  # Ascension Day
            easter + timedelta(days=50),  # Whit Monday
            date(year, 12, 25),
            date(year, 12, 26),
        }
    )


def _kings_day(year: int) -> date:
    """27 April, or the day before where that is a Sunday."""
    day = date(year, 4, 27)
    return day - _DAY if day.weekday() == _SUNDAY else day


def easter_sunday(year: int) -> date:
    """Easter in the Gregorian calendar: the Sunday after the first full moon of spring, by the church's
    tables.
    """
    golden = year % 19
    century, of_century = divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    moon_shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - moon_shift + 15) % 30
    leaps, leap_rest = divmod(of_century, 4)
    to_sunday = (32 + 2 * century_rest + 2 * leaps - epact - leap_rest) % 7
    correction = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


def term_end(event: date, days: int, *, calendar: Calendar) -> date:
    """The last day of a term of so many days, counted from the day after the event."""
    if days < 1:
        raise ValueError("a term is at least one day")
    end = event + timedelta(days=days)
    return calendar.roll(end) if days <= LONGEST_ROLLING_TERM else end


def standstill_end(sent: date, *, calendar: Calendar, days: int = STANDSTILL_DAYS) -> date:
    """The last day of the standstill after the award notice was sent (Aw 2.127)."""
    return term_end(sent, days, calendar=calendar)


def participation_deadline(published: date, *, calendar: Calendar, days: int = PARTICIPATION_DAYS) -> date:
    """The earliest last day for requests to participate (Aw 2.71(2))."""
    return term_end(published, days, calendar=calendar)


def tender_deadline(invited: date, *, calendar: Calendar, electronic: bool = False) -> date:
    """The earliest last day for tenders; five days sooner with electronic submission (Aw 2.74b)."""
    return term_end(invited, ELECTRONIC_TENDER_DAYS if electronic else TENDER_DAYS, calendar=calendar)


def nota_latest(deadline: date, *, accelerated: bool = False) -> date:
    """The last day to send a nota van inlichtingen (Aw 2.54); counted backwards, so it does not roll."""
    return deadline - timedelta(days=ACCELERATED_NOTA_DAYS if accelerated else NOTA_DAYS)


def safety_net_end(deadline: date, *, calendar: Calendar) -> date:
    """The last day on which a package may come in whose fingerprint came before the deadline: the first working day
    after the deadline's own day, all of it (Aw 2.109a).
    """
    return term_end(deadline, SAFETY_NET_DAYS, calendar=calendar)
