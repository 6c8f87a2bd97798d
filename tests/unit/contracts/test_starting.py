from datetime import date

import pytest

from contracts.domain.starting import first_day, number_prefix, option_latest
from contracts.domain.terms import contract_terms


def test_inkoop_2022_runs_three_and_twice_two_years():
    """3 years and twice an option of 2 years: 7 at most (001_422a0b480e5412d9.txt)."""
    terms = contract_terms(date(2022, 7, 1), [3, 2, 2])
    assert [t.end for t in terms] == [date(2025, 6, 30), date(2027, 6, 30), date(2029, 6, 30)]


def test_a_planned_start_after_the_final_award_is_kept():
    assert first_day(date(2026, 7, 1), date(2026, 5, 12)) == date(2026, 7, 1)
    assert first_day(date(2026, 7, 1), date(2026, 7, 1)) == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("planned", "final_on", "start"),
    [
        (date(2026, 1, 1), date(2026, 5, 12), date(2026, 6, 1)),
        (None, date(2026, 5, 12), date(2026, 6, 1)),
        (date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_an_overtaken_or_unknown_start_becomes_the_first_of_the_next_month(planned, final_on, start):
    assert first_day(planned, final_on) == start


def test_the_number_begins_with_the_region():
    assert number_prefix("achterhoek", 2026) == "ACH-2026-"
    assert number_prefix("alkmaar", 2027) == "ALK-2027-"
    assert number_prefix("2-ij", 2027) == "IJ-2027-"


def test_the_notice_date_is_the_day_before_start_minus_notice():
    assert option_latest(date(2025, 7, 1), 6) == date(2024, 12, 31)
    assert option_latest(date(2025, 7, 1), 0) == date(2025, 6, 30)
