"""The 10% meter (Aw 2.163b), and which ground fits which change."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.domain.amendments import EU_THRESHOLD, Meter, ground_fits, meter, within_half

EUROS = st.decimals(min_value=-2_000_000, max_value=2_000_000, places=2)
VALUES = st.decimals(min_value=1, max_value=20_000_000, places=2)


def test_small_changes_count_together() -> None:
    found = meter(Decimal(1_000_000), [Decimal(60_000), Decimal(-10_000)])
    assert (found.net, found.limit, found.percentage, found.room) == (50_000, 100_000, 5, 50_000)
    assert found.allows(Decimal("49999.99"))
    assert not found.allows(Decimal(50_000))


def test_the_european_threshold_holds_for_a_large_contract() -> None:
    found = meter(Decimal(20_000_000), [])
    assert found.limit == EU_THRESHOLD
    assert not found.allows(Decimal(750_000))
    assert found.allows(Decimal("749999.99"))


def test_less_is_a_change_as_well() -> None:
    assert not meter(Decimal(100_000), []).allows(Decimal(-10_000))


def test_a_change_of_words_is_always_small() -> None:
    assert Meter(Decimal(100_000), Decimal(90_000)).allows(Decimal(0))


def test_without_a_value_there_is_nothing_to_measure() -> None:
    with pytest.raises(ValueError, match="no value"):
        meter(Decimal(0), [])


@given(VALUES, st.lists(EUROS, max_size=12))
def test_what_the_meter_lets_in_one_by_one_is_never_above_the_limit(initial: Decimal, asked: list[Decimal]) -> None:
    taken: list[Decimal] = []
    for change in asked:
        if meter(initial, taken).allows(change):
            taken.append(change)
    found = meter(initial, taken)
    assert abs(found.net) < found.limit
    assert found.percentage < 10
    assert abs(found.net) < EU_THRESHOLD


@given(VALUES, st.lists(EUROS, min_size=1, max_size=6), st.randoms())
def test_the_order_does_not_matter(initial: Decimal, changes: list[Decimal], chance) -> None:  # type: ignore[no-untyped-def]
    other = changes.copy()
    chance.shuffle(other)
    assert meter(initial, changes) == meter(initial, other)


def test_half_of_the_value_for_additional_work() -> None:
    assert within_half(Decimal(100), Decimal(50))
    assert not within_half(Decimal(100), Decimal("50.01"))


@pytest.mark.parametrize(("kind", "ground", "fits"), [
    ("replacement", "2.163f", True), ("replacement", "2.163c", True), ("replacement", "2.163b", False),
    ("scope", "2.163f", False), ("scope", "2.163b", True), ("indexation", "2.163c", True),
])  # fmt: skip
def test_the_ground_has_to_fit(kind: str, ground: str, fits: bool) -> None:
    assert ground_fits(kind, ground) is fits
