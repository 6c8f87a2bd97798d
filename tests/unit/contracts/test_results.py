"""Results: quarters, what a figure may be, signals and trends."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.domain.results import (
    DUE_AFTER,
    HIGHER,
    LOWER,
    Measure,
    Problem,
    Quarter,
    Sign,
    Targets,
    Trend,
    changed_figures,
    last_ended,
    must_remind,
    quarter_of,
    quarters_until,
    runs_in,
    signs,
    together,
    trend,
)

PERCENT = Measure(Decimal(0), Decimal(100), 1, HIGHER)
WEEKS = Measure(Decimal(0), None, 0, LOWER)
days = st.dates(date(2015, 1, 1), date(2060, 12, 31))
quarters = st.builds(Quarter, st.integers(2000, 2060), st.integers(1, 4))
figures = st.one_of(st.none(), st.integers(0, 1000).map(lambda n: Decimal(n) / 10))


def of(*values: float | None) -> list[Decimal | None]:
    return [None if value is None else Decimal(str(value)) for value in values]


@given(days)
def test_every_day_lies_in_its_quarter(day):
    quarter = quarter_of(day)
    assert quarter.start <= day <= quarter.end
    assert last_ended(day) == quarter.previous
    assert last_ended(day).end < day


@given(quarters)
def test_quarters_follow_one_another_without_a_gap(quarter):
    assert quarter.next.previous == quarter
    assert quarter.end + timedelta(days=1) == quarter.next.start
    row = quarters_until(quarter, 12)
    assert row == sorted(row)
    assert len(set(row)) == 12
    assert row[-1] == quarter


def test_a_report_is_due_six_weeks_after_its_quarter():
    assert Quarter(2024, 2).due_on == date(2024, 8, 11)
    assert Quarter(2024, 4).due_on == date(2025, 2, 11)


def test_a_contract_is_asked_of_the_quarters_in_which_it_runs():
    first, last = date(2022, 7, 1), date(2025, 6, 30)
    assert not runs_in(Quarter(2022, 2), first, last)
    assert runs_in(Quarter(2022, 3), first, last)
    assert runs_in(Quarter(2025, 2), first, last)
    assert not runs_in(Quarter(2025, 3), first, last)


@given(quarters)
def test_two_reminders_a_report_however_often_the_clock_runs(quarter):
    sent: list[date] = []
    day = quarter.end
    while day < quarter.due_on + timedelta(days=60):
        for _again in range(2):
            if must_remind(quarter.due_on, sent[-1] if sent else None, day):
                sent.append(day)
        day += timedelta(days=1)
    assert sent == [quarter.due_on - timedelta(days=7), quarter.due_on + timedelta(days=7)]


@given(quarters, st.integers(-7, 60))
def test_a_clock_that_stood_still_reminds_late_and_not_twice(quarter, late):
    day = quarter.due_on + timedelta(days=late)
    if must_remind(quarter.due_on, None, day):
        assert not must_remind(quarter.due_on, day, day)


@pytest.mark.parametrize(("measure", "value", "problem"), [
    (PERCENT, "-0.1", Problem.TOO_LOW), (PERCENT, "100.1", Problem.TOO_HIGH), (PERCENT, "12.34", Problem.DECIMALS),
    (PERCENT, "0", None), (PERCENT, "100", None), (PERCENT, "12.30", None),
    (WEEKS, "1.5", Problem.DECIMALS), (WEEKS, "100000", None),
])  # fmt: skip
def test_a_figure_that_cannot_be(measure, value, problem):
    assert measure.problem(Decimal(value)) == problem


def test_below_the_norm_tells_after_two_quarters_in_a_row():
    norm = Targets(norm=Decimal(80))
    assert signs(PERCENT, of(85, 75, 74), norm) == {Sign.BELOW_NORM}
    assert signs(PERCENT, of(75, 85, 74), norm) == frozenset()
    assert signs(PERCENT, of(80, 80), norm) == frozenset()  # on the norm is not below it
    assert signs(PERCENT, of(75, None, 74), norm) == frozenset()  # a quarter without a figure tells nothing
    assert signs(WEEKS, of(12, 13), Targets(norm=Decimal(11))) == {Sign.BELOW_NORM}  # less is better here


def test_below_the_promise_tells_at_once():
    assert signs(PERCENT, of(74), Targets(promise=Decimal(75))) == {Sign.BELOW_PROMISE}
    assert signs(PERCENT, of(75), Targets(promise=Decimal(75))) == frozenset()


def test_a_sudden_change_is_a_fifth_of_the_range_or_half_of_the_quarter_before():
    assert signs(PERCENT, of(60, 80), Targets()) == {Sign.SUDDEN}
    assert signs(PERCENT, of(60, 79.9), Targets()) == frozenset()
    assert signs(WEEKS, of(10, 15), Targets()) == {Sign.SUDDEN}
    assert signs(WEEKS, of(10, 14), Targets()) == frozenset()
    assert signs(WEEKS, of(1, 2), Targets()) == frozenset()  # one complaint more is no alarm
    assert signs(WEEKS, of(0, 2), Targets()) == {Sign.SUDDEN}


@given(st.sampled_from([PERCENT, WEEKS]), st.lists(figures, max_size=14), figures, figures)
def test_what_is_not_known_is_never_a_signal(measure, values, norm, promise):
    targets = Targets(norm, promise)
    assert signs(measure, [*values, None], targets) == frozenset()
    found = signs(measure, values, targets)
    assert (Sign.BELOW_NORM in found) <= (norm is not None)
    assert (Sign.BELOW_PROMISE in found) <= (promise is not None)


@given(st.lists(figures, min_size=2, max_size=14), figures)
def test_the_other_way_round_is_the_other_way_round(values, norm):
    """Where more is better and where less is better never both stand below the same norm."""
    less = Measure(Decimal(0), Decimal(100), 1, LOWER)
    both = signs(PERCENT, values, Targets(norm)) & signs(less, values, Targets(norm))
    assert Sign.BELOW_NORM not in both


@given(st.lists(figures, max_size=14))
def test_the_trend_turns_with_the_direction(values):
    turned = {Trend.BETTER: Trend.WORSE, Trend.WORSE: Trend.BETTER, Trend.SAME: Trend.SAME, None: None}
    less = Measure(Decimal(0), Decimal(100), 1, LOWER)
    assert trend(less, values) == turned[trend(PERCENT, values)]


@given(st.lists(figures, max_size=20))
def test_what_is_missing_does_not_count_in_a_mean(values):
    found = together(values)
    known = [value for value in values if value is not None]
    assert (found.known, found.asked) == (len(known), len(values))
    assert (found.mean is None) == (not known)
    assert found == together([value for value in values if value is not None] + [None] * (len(values) - len(known)))
    if found.mean is not None:
        assert min(known) <= found.mean <= max(known)


def test_the_log_tells_what_a_correction_changes():
    before = {("wait", ""): Decimal("4.00"), ("wait", "aalten"): Decimal(3), ("complaints", ""): None}
    after = {("wait", ""): Decimal(4), ("wait", "aalten"): None, ("complaints", ""): Decimal(10)}
    assert changed_figures(before, after) == {("wait", "aalten"): ("3", None), ("complaints", ""): (None, "10")}


def test_due_after_is_six_weeks():
    assert timedelta(days=42) == DUE_AFTER
