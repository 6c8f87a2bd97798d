"""The terms of a contract (say 3 years, and twice an option of 2), and the last day to give notice before
one.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)
_MONTHS = 12
# Aw 2.140(3): a framework agreement runs four years at most, or longer with a motivation.
FRAMEWORK_YEARS = 4


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a contract, first and last day included."""

    start: date
    end: date


def contract_terms(start: date, years: Iterable[int]) -> list[Term]:
    """The terms of a contract, each of so many years, without a day between them.

    Every term is counted from the start of the contract. Raises `ValueError` for a term of no years, and
    `OverflowError` for one that ends after the year 9999.
    """
    terms: list[Term] = []
    begin, total = start, 0
    for length in years:
        if length < 1:
            raise ValueError("a term is at least one year")
        total += length
        end = last_day(start, total)
        terms.append(Term(begin, end))
        begin = end + _DAY
    return terms


def is_long(years: Iterable[int]) -> bool:
    """Whether all terms together, options too, are longer than four years (Aw 2.140(3))."""
    return sum(years) > FRAMEWORK_YEARS


def last_day(start: date, years: int) -> date:
    """The last of so many years from a first day: the day before the same date.

    Years that start on 29 February end on 28 February, also where the last is no leap year: the years are
    full.
    """
    year = start.year + years
    if year > date.max.year:
        raise OverflowError("the term ends after the year 9999")
    if start.month == 2 and start.day == 29:
        return date(year, 2, 28)
    return date(year, start.month, start.day) - _DAY


def notice_latest(next_start: date, months: int) -> date:
    """The last day to give notice before a next term: the day before (its start minus the notice months).

    Counted backwards, so it does not roll. Where the month is too short (six months before 31 August) its
    last day takes the place of the date, so that the notice is never late. Raises `ValueError` for less than
    one month.
    """
    if months < 1:
        raise ValueError("the notice is at least one month")
    year, month = divmod(next_start.year * _MONTHS + next_start.month - 1 - months, _MONTHS)
    if year < date.min.year:
        raise OverflowError("the notice falls before the year 1")
    month += 1
    return date(year, month, min(next_start.day, monthrange(year, month)[1])) - _DAY
