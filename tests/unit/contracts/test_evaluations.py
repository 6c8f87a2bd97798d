"""The interim evaluation: neither side reads the other's answers before both are in."""

from decimal import Decimal

import pytest

from contracts.domain.evaluations import CLM, CONTRACTOR, SIDES, far_apart, mean_mark, readable


@pytest.mark.parametrize("reader", [CONTRACTOR, CLM, None])
@pytest.mark.parametrize("done", [frozenset(), frozenset({CONTRACTOR}), frozenset({CLM})])
def test_before_both_are_in_one_reads_only_what_is_ones_own(reader, done):
    assert readable(reader, done=done) == ({reader} if reader else set())


@pytest.mark.parametrize("reader", [CONTRACTOR, CLM, None])
def test_when_both_are_in_everybody_reads_both(reader):
    assert readable(reader, done=frozenset(SIDES)) == set(SIDES)


def test_a_mark_that_was_not_given_does_not_count():
    assert mean_mark([4, None, 3]) == Decimal("3.5")
    assert mean_mark([None]) is None


def test_marks_far_apart_are_pointed_out():
    assert far_apart(5, 3)
    assert not far_apart(4, 3)
    assert not far_apart(None, 1)
