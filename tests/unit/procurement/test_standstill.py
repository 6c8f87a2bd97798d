"""The standstill: when it ends, what holds it up, when signing is possible, and when the notice is due."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.calendar_data import legal_calendar
from procurement.domain.standstill import (
    Case,
    first_signing_day,
    notice_due,
    notice_state,
    signing_day,
    standstill_after,
    suspends,
)

CALENDAR = legal_calendar()
DAYS = st.dates(date(2018, 1, 1), date(2032, 12, 31))
KINDS = st.sampled_from(["objection", "interim_relief", "complaint"])
STATES = st.sampled_from(["received", "in_review", "upheld", "rejected", "withdrawn"])
CONSEQUENCES = st.sampled_from(["none", "reevaluation", "award_withdrawn"])
CASES = st.lists(st.builds(Case, st.just("BZ-1"), st.booleans(), STATES, CONSEQUENCES), max_size=6)


@pytest.mark.parametrize(
    ("sent", "until", "cutoff"),
    [
        (date(2018, 5, 15), date(2018, 6, 4), date(2018, 6, 4)),
        (date(2020, 10, 12), date(2020, 11, 2), date(2020, 11, 1)),
        (date(2024, 12, 5), date(2024, 12, 30), date(2024, 12, 25)),
    ],
)
def test_worked_examples(sent: date, until: date, cutoff: date) -> None:
    found = standstill_after(sent, calendar=CALENDAR)
    assert (found.until, found.cutoff) == (until, cutoff)
    assert found.first_signing_day == until + timedelta(days=1)


@given(DAYS, st.integers(20, 90))
def test_it_lasts_as_long_as_it_says_and_ends_on_a_working_day(sent: date, days: int) -> None:
    found = standstill_after(sent, calendar=CALENDAR, days=days, cutoff_days=days)
    assert (found.until - sent).days >= days >= 20
    assert CALENDAR.is_working_day(found.until)
    # It runs on past days off only: no working day is skipped.
    skipped = (found.until - sent).days - days
    assert not any(CALENDAR.is_working_day(sent + timedelta(days=days + n)) for n in range(skipped))
    assert found.cutoff == sent + timedelta(days=days), "the cut-off does not roll"
    assert found.cutoff <= found.until < found.first_signing_day


@given(DAYS, DAYS)
def test_sent_later_never_ends_sooner(one: date, other: date) -> None:
    early, late = sorted([one, other])
    assert standstill_after(early, calendar=CALENDAR).until <= standstill_after(late, calendar=CALENDAR).until


@pytest.mark.parametrize(("days", "cutoff_days"), [(19, 20), (0, 20), (20, 0)])
def test_shorter_than_the_law_is_refused(days: int, cutoff_days: int) -> None:
    with pytest.raises(ValueError, match="day"):
        standstill_after(date(2026, 1, 5), calendar=CALENDAR, days=days, cutoff_days=cutoff_days)


@given(KINDS, DAYS, DAYS)
def test_what_suspends(kind: str, received: date, until: date) -> None:
    assert suspends(kind, received, until) == (kind != "complaint" and received <= until)
    assert not suspends(kind, received, None)


def test_the_last_day_counts_and_the_day_after_does_not() -> None:
    until = date(2026, 6, 1)
    assert suspends("objection", until, until)
    assert not suspends("objection", until + timedelta(days=1), until)


@given(DAYS, CASES)
def test_signing_waits_for_all_that_suspends_and_runs(until: date, cases: list[Case]) -> None:
    running = [case for case in cases if case.suspends and case.status in ("received", "in_review")]
    # What was upheld, late or not, has a consequence for the decision itself.
    upheld = [case for case in cases if case.status == "upheld" and case.consequence != "none"]
    assert signing_day(until, cases) == (None if running or upheld else first_signing_day(until))


def test_the_notice_is_due_after_thirty_days_also_in_a_weekend() -> None:
    assert notice_due(date(2026, 1, 1)) == date(2026, 1, 31)  # a Saturday


@given(DAYS, st.integers(-40, 40))
def test_a_notice_is_soon_in_its_last_week_and_then_overdue(due: date, days: int) -> None:
    expected = "overdue" if days > 0 else "soon" if days >= -7 else "waiting"
    assert notice_state(due, due + timedelta(days=days)) == expected
