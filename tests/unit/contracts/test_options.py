"""How an option stands, and when to remind of it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.domain.options import (
    CONDITIONAL,
    DECLINE,
    EXTEND,
    REMIND_AHEAD,
    Decided,
    remind_ahead,
    reminder_day,
    reminders_due,
    standing,
)
from contracts.domain.terms import notice_latest

PLACES = st.integers(1, 8)
SAYS = st.builds(Decided, PLACES, st.sampled_from([EXTEND, CONDITIONAL, DECLINE]), st.booleans())
SAID = st.lists(SAYS, unique_by=lambda one: one.municipality)


def test_all_eight_colleges_that_do_not_extend_end_the_contract():
    found = standing(range(8), [Decided(place, DECLINE) for place in range(8)])
    assert found.is_complete
    assert not found.is_extended


def test_one_college_that_extends_keeps_the_contract_in_its_own_municipality():
    found = standing([1, 2], [Decided(1, EXTEND), Decided(2, DECLINE)])
    assert found.is_extended
    assert (found.extend, found.decline) == ({1}, {2})


def test_a_condition_holds_everything_up_until_it_is_met():
    assert not standing([1], [Decided(1, CONDITIONAL)]).is_complete
    assert standing([1], [Decided(1, CONDITIONAL, condition_met=True)]).is_extended


def test_nobody_extends_by_staying_silent():
    assert not standing([1, 2], [Decided(1, EXTEND)]).is_complete
    assert not standing([], []).is_complete


@given(st.sets(PLACES), SAID)
def test_every_municipality_that_takes_part_stands_in_one_place(asked, said):
    found = standing(asked, said)
    parts = [found.extend, found.decline, found.waiting, found.conditional]
    assert sorted(place for part in parts for place in part) == sorted(asked)
    assert found.waiting == asked - {one.municipality for one in said}


@given(st.sets(PLACES, min_size=1), SAID, st.randoms())
def test_the_order_in_which_colleges_decide_changes_nothing(asked, said, chance):
    mixed = said[:]
    chance.shuffle(mixed)
    assert standing(asked, mixed) == standing(asked, said)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="outcome"):
        standing([1], [Decided(1, "maybe")])
    with pytest.raises(ValueError, match="once"):
        standing([1], [Decided(1, EXTEND), Decided(1, DECLINE)])


def test_reminders_come_twelve_nine_and_seven_months_ahead():
    start = date(2025, 7, 1)
    assert [reminder_day(start, months) for months in REMIND_AHEAD] == [
        date(2024, 7, 1), date(2024, 10, 1), date(2024, 12, 1),
    ]  # fmt: skip
    assert reminders_due(start, 6, date(2024, 6, 30), []) == []
    assert reminders_due(start, 6, date(2024, 7, 1), []) == [12]
    assert reminders_due(start, 3, date(2024, 10, 1), [12]) == [9]
    assert reminders_due(start, 6, date(2024, 12, 31), []) == [7, 9, 12]


def test_with_a_notice_of_a_year_they_come_half_a_year_earlier():
    assert remind_ahead(12) == (18, 15, 13)
    assert reminders_due(date(2025, 7, 1), 12, date(2024, 1, 1), []) == [18]


@given(st.dates(date(2000, 1, 1), date(2200, 1, 1)), st.integers(1, 36))
def test_every_reminder_comes_before_the_notice_date(start, notice):
    days = [reminder_day(start, months) for months in remind_ahead(notice)]
    assert days == sorted(days)
    assert days[-1] <= notice_latest(start, notice)
