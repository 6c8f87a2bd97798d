"""The term of a request for clarification, and what makes two positions the same."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from procurement.domain.clarification import default_due_day, same_point, working_days
from procurement.domain.periods import Calendar

CALENDAR = Calendar()
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


def test_two_working_days_from_a_monday():
    assert default_due_day(date(2026, 11, 23), calendar=CALENDAR) == date(2026, 11, 25)


def test_a_weekend_is_not_counted():
    assert default_due_day(date(2026, 11, 20), calendar=CALENDAR) == date(2026, 11, 24)
    assert default_due_day(date(2026, 11, 22), calendar=CALENDAR) == date(2026, 11, 24)


def test_nor_is_a_holiday():
    assert default_due_day(date(2026, 12, 24), calendar=CALENDAR) == date(2026, 12, 29)


@given(DAYS)
def test_the_proposed_term_is_two_working_days_whenever_it_is_sent(sent):
    due = default_due_day(sent, calendar=CALENDAR)
    assert CALENDAR.is_working_day(due)
    assert working_days(sent, due, calendar=CALENDAR) == 2


@given(DAYS, st.integers(0, 40), st.integers(0, 40))
def test_a_later_end_never_gives_fewer_days(sent, first, second):
    early, late = sorted((first, second))
    counted = [working_days(sent, sent + timedelta(days=n), calendar=CALENDAR) for n in (early, late)]
    assert counted == sorted(counted)


def test_no_days_on_the_day_itself():
    assert working_days(date(2026, 11, 23), date(2026, 11, 23), calendar=CALENDAR) == 0


@given(st.lists(st.text("abcé", min_size=1), min_size=1))
def test_capitals_and_spaces_make_no_other_point(words):
    assert same_point("  ".join(words).upper()) == same_point(" " + " ".join(words) + "\n")


def test_other_words_do():
    assert same_point("Uittreksel ontbreekt") != same_point("Handtekening ontbreekt")
