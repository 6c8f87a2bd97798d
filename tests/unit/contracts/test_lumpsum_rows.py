"""Amounts as people write them in a sheet, exact; and how far a transition is."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.domain.lumpsum_rows import read_amount
from contracts.domain.money import indexed_price
from contracts.domain.transitions import progress

CENTS = st.integers(0, 10**13).map(lambda cents: Decimal(cents) / 100)


@given(CENTS)
def test_an_amount_written_the_dutch_way_comes_back_exact(amount):
    plain = f"{amount:.2f}".replace(".", ",")
    grouped = f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))
    assert read_amount(plain) == read_amount(grouped) == read_amount(f"€ {grouped}") == amount


@pytest.mark.parametrize("text", ["veel", "1,2,3", "1.2.3", "1.00,5,", "--1", "12a", "1.25.000,00", ""])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        read_amount(text)


@pytest.mark.parametrize(
    ("price", "percentage", "after"),
    [("80.01", "2.5", "82.01"), ("0.8153", "2.5", "0.8357"), ("1.00", "0.5", "1.01"), ("10.00", "-5", "9.50")],
)
def test_a_tariff_is_indexed_to_the_cent_or_to_its_four_decimals_halves_up(price, percentage, after):
    assert indexed_price(Decimal(price), Decimal(percentage)) == Decimal(after)


def test_the_last_count_tells_how_far_it_is_and_only_what_runs_can_be_late():
    counts = [(date(2026, 3, 1), 7), (date(2026, 2, 1), 4)]
    found = progress(10, counts, date(2026, 3, 31), date(2026, 4, 1), runs=True)
    assert (found.handed_over, found.left, found.counted_on, found.is_late) == (7, 3, date(2026, 3, 1), True)
    assert not progress(10, counts, date(2026, 3, 31), date(2026, 3, 31), runs=True).is_late
    assert not progress(10, counts, date(2026, 3, 31), date(2026, 4, 1), runs=False).is_late
    assert progress(0, [], date(2026, 3, 31), date(2026, 4, 1), runs=True).is_complete
