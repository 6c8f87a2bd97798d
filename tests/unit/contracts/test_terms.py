"""Terms of a contract, and the last day to give notice."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.domain.terms import Term, contract_terms, notice_latest

DAY = timedelta(days=1)
any_day = st.dates(date(2000, 1, 1), date(2100, 12, 31))


def test_three_years_and_twice_two() -> None:
    assert contract_terms(date(2022, 7, 1), [3, 2, 2]) == [
        Term(date(2022, 7, 1), date(2025, 6, 30)),
        Term(date(2025, 7, 1), date(2027, 6, 30)),
        Term(date(2027, 7, 1), date(2029, 6, 30)),
    ]
    assert contract_terms(date(2021, 8, 1), [3])[0].end == date(2024, 7, 31)


def test_a_start_on_the_first_of_march_ends_with_february() -> None:
    assert [term.end for term in contract_terms(date(2023, 3, 1), [1, 1])] == [
        date(2024, 2, 29),
        date(2025, 2, 28),
    ]


def test_a_start_on_29_february_never_costs_a_day() -> None:
    assert contract_terms(date(2024, 2, 29), [3, 1, 2]) == [
        Term(date(2024, 2, 29), date(2027, 2, 28)),
        Term(date(2027, 3, 1), date(2028, 2, 28)),
        Term(date(2028, 2, 29), date(2030, 2, 28)),
    ]


@given(any_day, st.lists(st.integers(1, 10), min_size=1, max_size=5))
def test_terms_join_and_are_full_years(start: date, years: list[int]) -> None:
    terms = contract_terms(start, years)
    assert terms[0].start == start
    for before, after in pairwise(terms):
        assert after.start == before.end + DAY
    assert terms[-1].end == contract_terms(start, [sum(years)])[0].end
    for term, length in zip(terms, years, strict=True):
        days = (term.end - term.start).days + 1
        assert 365 * length <= days <= 365 * length + length // 4 + 1


def test_terms_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="one year"):
        contract_terms(date(2022, 7, 1), [3, 0])
    with pytest.raises(OverflowError):
        contract_terms(date(2022, 7, 1), [3, 8000])


@pytest.mark.parametrize(
    ("next_start", "months", "latest"),
    [
        (date(2025, 7, 1), 6, date(2024, 12, 31)),
        (date(2025, 7, 1), 12, date(2024, 6, 30)),
        (date(2025, 1, 1), 1, date(2024, 11, 30)),
        (date(2025, 8, 31), 6, date(2025, 2, 27)),  # there is no 31 February
        (date(2024, 3, 31), 1, date(2024, 2, 28)),
        (date(2025, 7, 15), 24, date(2023, 7, 14)),
        (date(2022, 6, 6), 1, date(2022, 5, 5)),  # a holiday: it does not roll
    ],
)
def test_notice(next_start: date, months: int, latest: date) -> None:
    assert notice_latest(next_start, months) == latest


def test_notice_of_no_time_is_none() -> None:
    with pytest.raises(ValueError, match="one month"):
        notice_latest(date(2025, 7, 1), 0)
    with pytest.raises(OverflowError):
        notice_latest(date(1, 7, 1), 8)


@given(any_day, st.integers(1, 60))
def test_notice_is_given_at_least_so_many_months_before(next_start: date, months: int) -> None:
    latest = notice_latest(next_start, months)
    assert (next_start.year - latest.year) * 12 + next_start.month - latest.month >= months
    assert (next_start - latest).days >= 28 * months
    assert notice_latest(next_start, months + 1) < latest
