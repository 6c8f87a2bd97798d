"""Amounts to the cent: nothing is lost and nothing is made by dividing."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.domain.money import PARTS, days_in, indexed, instalments, part_of_year, to_cents, total

EUROS = st.decimals(0, 10**9, places=2)
RUN = (date(2022, 7, 1), date(2025, 6, 30))


def test_a_year_in_twelve_has_its_cents_on_the_last():
    parts = instalments(Decimal("100000.00"), 2023, 12, *RUN)
    assert [part.amount for part in parts] == [Decimal("8333.33")] * 11 + [Decimal("8333.37")]
    assert [part.due_on for part in parts] == [date(2023, month, 1) for month in range(1, 13)]


def test_half_a_year_has_half_the_months():
    parts = instalments(Decimal("50000.00"), 2022, 12, *RUN)
    assert [part.due_on.month for part in parts] == [7, 8, 9, 10, 11, 12]


def test_a_quarter_that_is_half_over_is_due_on_the_first_day_of_the_run():
    parts = instalments(Decimal("10.00"), 2022, 4, date(2022, 8, 15), date(2025, 8, 14))
    assert [part.due_on for part in parts] == [date(2022, 8, 15), date(2022, 10, 1)]


@given(EUROS, st.integers(2022, 2025), st.sampled_from(PARTS))
def test_the_parts_are_the_whole(amount, year, number):
    parts = instalments(amount, year, number, *RUN)
    assert total(part.amount for part in parts) == amount
    assert len({part.amount for part in parts[:-1]}) <= 1
    assert all(part.amount >= 0 for part in parts)
    assert [part.due_on for part in parts] == sorted({part.due_on for part in parts})
    assert all(RUN[0] <= part.due_on <= RUN[1] for part in parts)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 4000))
def test_the_days_of_all_years_are_the_run(first, length):
    last = date.fromordinal(first.toordinal() + length)
    assert sum(days_in(year, first, last) for year in range(first.year, last.year + 1)) == length + 1


def test_a_part_of_a_year_goes_by_days():
    assert part_of_year(Decimal(365), 2022, *RUN) == Decimal("184.00")
    assert part_of_year(Decimal(366), 2024, *RUN) == Decimal("366.00")
    assert part_of_year(Decimal(365), 2026, *RUN) == 0


@given(EUROS, st.decimals(-50, 50, places=3))
def test_an_indexation_is_exact_to_the_cent(amount, percentage):
    found = indexed(amount, percentage)
    assert found == to_cents(found)
    assert abs(found - amount * (100 + percentage) / 100) <= Decimal("0.005")


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="cents"):
        instalments(Decimal("0.001"), 2023, 12, *RUN)
    with pytest.raises(ValueError, match="cents"):
        instalments(Decimal(-1), 2023, 12, *RUN)
    with pytest.raises(ValueError, match="parts"):
        instalments(Decimal(1), 2023, 5, *RUN)
    with pytest.raises(ValueError, match="does not run"):
        instalments(Decimal(1), 2026, 12, *RUN)
    with pytest.raises(ValueError, match="leaves"):
        indexed(Decimal(1), Decimal(-100))
