"""What a consensus rests on: any change of the individual scores that count shows, and nothing else does."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.domain.basis import basis_digest

ROWS = [(1, Decimal("6.00"), "Goed."), (2, Decimal("8.00"), "Beter onderbouwd.")]
SCORES = st.lists(st.tuples(st.integers(1, 9), st.decimals(0, 10, places=2), st.text(max_size=20)), max_size=5)


@pytest.mark.parametrize(
    "changed",
    [
        [(1, Decimal("6.5"), "Goed."), ROWS[1]],
        [(1, Decimal(6), "Goed!"), ROWS[1]],
        [(3, Decimal(6), "Goed."), ROWS[1]],
        [ROWS[0]],
        [*ROWS, (3, Decimal(6), "Goed.")],
        [],
    ],
    ids=["value", "reason", "another member", "one fewer", "one more", "none"],
)
def test_every_change_of_what_counts_is_seen(changed):
    assert basis_digest(changed) != basis_digest(ROWS)


@given(SCORES)
def test_order_and_trailing_zeros_do_not_matter(rows):
    again = [(who, value.quantize(Decimal("0.0001")), reason) for who, value, reason in reversed(rows)]

    assert basis_digest(again) == basis_digest(rows)


def test_a_reason_cannot_pass_for_two_scores():
    one = [(1, Decimal(6), 'Goed."]\n[2,"8","Ja.')]
    two = [(1, Decimal(6), "Goed."), (2, Decimal(8), "Ja.")]

    assert basis_digest(one) != basis_digest(two)
