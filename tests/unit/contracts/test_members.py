"""Who is in a consortium: whatever joins, leaves and shares anew, somebody leads it and it is shared whole."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.domain import members as rules
from contracts.domain.amendments import member_ground_fits
from contracts.domain.members import JOIN, LEAVE, SHARE, Member, Step, StepRefused, after

PAIR = [Member(1, Decimal(60), is_lead=True), Member(2, Decimal(40))]
STEPS = st.builds(
    Step,
    key=st.integers(1, 5),
    what=st.sampled_from([JOIN, LEAVE, SHARE]),
    share=st.none() | st.sampled_from([Decimal(n) for n in (-5, 0, 20, 40, 60, 80, 100, 120)]),
)


@pytest.mark.parametrize(("steps", "why", "key"), [
    ([], rules.NOTHING, None),
    ([Step(1, SHARE, Decimal(60))], rules.NOTHING, None),
    ([Step(1, LEAVE)], rules.LEAD, 1),
    ([Step(3, LEAVE)], rules.STRANGER, 3),
    ([Step(3, SHARE, Decimal(10))], rules.STRANGER, 3),
    ([Step(2, JOIN, Decimal(10))], rules.ALREADY, 2),
    ([Step(3, JOIN, Decimal(0))], rules.NO_PERCENTAGE, 3),
    ([Step(3, JOIN, Decimal("100.01"))], rules.NO_PERCENTAGE, 3),
    ([Step(3, JOIN), Step(3, JOIN)], rules.TWICE, 3),
    ([Step(2, LEAVE)], rules.NOT_WHOLE, None),
    ([Step(3, JOIN, Decimal(10))], rules.NOT_WHOLE, None),
])  # fmt: skip
def test_what_cannot_be_says_why_and_of_whom(steps: list[Step], why: str, key: int | None) -> None:
    with pytest.raises(StepRefused) as refused:
        after(PAIR, steps)
    assert (refused.value.why, refused.value.key) == (why, key)


def test_one_leaves_another_joins_and_the_rest_is_shared_anew() -> None:
    found = after(PAIR, [Step(2, LEAVE), Step(3, JOIN, Decimal(25)), Step(1, SHARE, Decimal(75))])
    assert found == [Member(1, Decimal(75), is_lead=True), Member(3, Decimal(25))]
    assert after(PAIR, [Step(3, JOIN)])[-1] == Member(3, None)
    assert rules.sum_of(PAIR, [Step(2, LEAVE), Step(3, JOIN, Decimal(25))]) == 85


@given(st.lists(st.lists(STEPS, max_size=4), max_size=8))
def test_it_is_led_by_the_same_one_and_shared_whole_after_any_steps(rounds: list[list[Step]]) -> None:
    members = PAIR
    for steps in rounds:
        try:
            members = after(members, steps)
        except StepRefused:
            continue
        shares = [one.share for one in members if one.share is not None]
        assert [one.key for one in members if one.is_lead] == [1]
        assert sum(shares) == (100 if shares else 0)
        assert all(share > 0 for share in shares)
        assert len({one.key for one in members}) == len(members)


@pytest.mark.parametrize(("ground", "moves", "fits"), [
    ("2.163c", True, True), ("2.163f", True, True), ("2.163g", True, False), ("2.163b", True, False),
    ("2.163c", False, True), ("2.163f", False, False), ("2.163g", False, True),
])  # fmt: skip
def test_another_party_is_another_contractor_and_another_share_is_not(ground: str, moves: bool, fits: bool) -> None:
    assert member_ground_fits(ground, moves=moves) is fits
