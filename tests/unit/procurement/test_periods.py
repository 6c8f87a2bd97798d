"""Legal periods: the examples of the law and of case law, and what holds for every date."""

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.calendar_data import legal_calendar
from procurement.domain.periods import (
    Calendar,
    easter_sunday,
    nota_latest,
    participation_deadline,
    public_holidays,
    standstill_end,
    tender_deadline,
    term_end,
)

DAY = timedelta(days=1)
calendar = legal_calendar()
any_day = st.dates(date(2014, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("sent", "end"),
    [
        (date(2018, 5, 15), date(2018, 6, 4)),
        (date(2020, 10, 12), date(2020, 11, 2)),  # 1 November is a Sunday
        (date(2024, 12, 5), date(2024, 12, 30)),  # Christmas, a decree day, a weekend
        (date(2021, 4, 15), date(2021, 5, 6)),  # 5 May counts every year
        (date(2021, 3, 13), date(2021, 4, 6)),  # Good Friday, Easter
        (date(2021, 4, 23), date(2021, 5, 17)),  # Ascension Day and the decree day after it
    ],
)
def test_standstill(sent: date, end: date) -> None:
    assert standstill_end(sent, calendar=calendar) == end


def test_deadlines_of_a_timeline() -> None:
    assert participation_deadline(date(2021, 4, 1), calendar=calendar) == date(2021, 5, 3)
    assert tender_deadline(date(2021, 6, 1), calendar=calendar) == date(2021, 7, 12)
    assert tender_deadline(date(2021, 6, 1), calendar=calendar, electronic=True) == date(2021, 7, 6)


def test_counted_backwards_a_date_does_not_roll() -> None:
    assert nota_latest(date(2021, 7, 12)) == date(2021, 7, 2)
    assert nota_latest(date(2021, 7, 14)) == date(2021, 7, 4), "a Sunday"
    assert nota_latest(date(2021, 7, 12), accelerated=True) == date(2021, 7, 8)


def test_the_holidays_of_a_year() -> None:
    assert sorted(public_holidays(2025)) == [
        date(2025, 1, 1),
        date(2025, 4, 18),
        date(2025, 4, 21),
        date(2025, 4, 26),  # the 27th is a Sunday
        date(2025, 5, 5),
        date(2025, 5, 29),
        date(2025, 6, 9),
        date(2025, 12, 25),
        date(2025, 12, 26),
    ]


@pytest.mark.parametrize("year", range(2014, 2100))
def test_holidays_agree_with_an_independent_list(year: int) -> None:
    """That list has Sundays too, and 5 May only as an optional day."""
    listed = set(holidays.country_holidays("NL", years=year, categories=("public", "optional")))
    assert listed - {easter_sunday(year), easter_sunday(year) + timedelta(days=49)} == public_holidays(year)


@pytest.mark.parametrize(
    "day",
    [
        "2020-05-22",
        "2021-05-14",
        "2022-05-27",
        "2023-04-28",
        "2023-05-19",
        "2024-05-10",
        "2024-12-27",
        "2025-05-30",
        "2026-01-02",
        "2026-05-15",
    ],
)
def test_decree_days_are_no_working_days(day: str) -> None:
    found = date.fromisoformat(day)
    assert not calendar.is_working_day(found)
    assert Calendar().is_working_day(found), "a working day but for the decree"


@given(any_day, st.integers(1, 90))
def test_a_term_ends_on_a_working_day_and_never_early(event: date, days: int) -> None:
    end = term_end(event, days, calendar=calendar)
    earliest = event + timedelta(days=days)
    assert calendar.is_working_day(end)
    assert end >= earliest
    skipped = [earliest + timedelta(days=n) for n in range((end - earliest).days)]
    assert not any(calendar.is_working_day(day) for day in skipped)


@given(any_day, any_day)
def test_who_is_later_never_has_to_be_ready_sooner(one: date, other: date) -> None:
    first, second = sorted((one, other))
    assert standstill_end(first, calendar=calendar) <= standstill_end(second, calendar=calendar)


def test_terms_of_more_than_ninety_days_do_not_roll() -> None:
    """Algemene termijnenwet, art. 4."""
    assert term_end(date(2021, 1, 1), 91, calendar=calendar) == date(2021, 4, 2), "Good Friday"
    with pytest.raises(ValueError, match="one day"):
        term_end(date(2021, 1, 1), 0, calendar=calendar)
