"""The scale of scores, and when a difference between evaluators is named."""

from decimal import Decimal

import pytest

from procurement.domain.score_scale import Spread, lies_outside, plain_text, score_choices, spread_of

D = Decimal


def texts(*args, **kwargs):
    return [choice.text for choice in score_choices(*args, **kwargs)]


def test_without_a_rubric_the_scale_has_the_tenders_steps():
    assert texts(D("10.00"), D("2.00")) == ["0", "2", "4", "6", "8", "10"]


def test_the_highest_score_can_always_be_given():
    assert texts(D(10), D(4)) == ["0", "4", "8", "10"]


def test_half_steps_are_exact():
    assert texts(D(1), D("0.25")) == ["0", "0.25", "0.5", "0.75", "1"]


def test_a_rubric_says_which_scores_there_are_and_what_they_mean():
    choices = score_choices(D(10), D(2), [{"score": "8", "meaning": "Goed."}, {"score": "4", "meaning": "Matig."}])
    assert [(c.text, c.meaning) for c in choices] == [("4", "Matig."), ("8", "Goed.")]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("6", "6", Spread.SMALL),
        ("6", "7.99", Spread.SMALL),
        ("6", "8", Spread.DIFFERENCE),
        ("4", "8.99", Spread.DIFFERENCE),
        ("4", "9", Spread.LARGE),
        ("0", "10", Spread.LARGE),
    ],
)
def test_20_percent_of_the_scale_is_a_difference_and_50_a_large_one(low, high, expected):
    assert spread_of(D(low), D(high), D(10)) is expected


def test_a_consensus_on_the_edge_lies_inside():
    assert not lies_outside(D(8), [D(6), D(8)])
    assert lies_outside(D(10), [D(6), D(8)])
    assert not lies_outside(D(10), [])


@pytest.mark.parametrize(("value", "text"), [("10.00", "10"), ("100", "100"), ("0.50", "0.5"), ("0", "0")])
def test_decimals_are_written_plainly(value, text):
    assert plain_text(D(value)) == text
