"""What the individual scores tell afterwards, in exact figures."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.domain.insight import GivenScore, Leniency, Steadiness, evaluator_figures, spreads
from procurement.domain.tile_map import Place, positions

SCALE = Fraction(10)


def scores(table: dict[int, list[int | None]]) -> list[GivenScore]:
    """By evaluator the scores on bid 1, 2, ... of one criterion."""
    return [
        GivenScore(evaluator, bid, 1, Fraction(value))
        for evaluator, values in table.items()
        for bid, value in enumerate(values, start=1)
        if value is not None
    ]


def test_who_scores_two_points_higher_on_every_bid_is_milder_and_steady() -> None:
    figures = evaluator_figures(scores({1: [8, 6, 8, 6, 8], 2: [6, 4, 6, 4, 6], 3: [6, 4, 6, 4, 6]}), [1, 2, 3])

    assert [one.leniency for one in figures] == [2, -1, -1]
    assert [one.unsteadiness for one in figures] == [0, 0, 0]
    assert figures[0].in_words(SCALE) is Leniency.MILDER
    assert figures[1].in_words(SCALE) is Leniency.STRICTER
    assert figures[0].steadiness(SCALE) is Steadiness.STEADY


def test_a_third_stays_a_third() -> None:
    figures = evaluator_figures(scores({1: [5, 5, 5], 2: [5, 5, 6]}), [1, 2])

    assert figures[0].leniency == Fraction(-1, 3)


def test_high_and_low_by_turns_is_alike_on_average_but_unsteady() -> None:
    first = evaluator_figures(scores({1: [10, 2, 10, 2, 10, 2], 2: [6, 6, 6, 6, 6, 6]}), [1, 2])[0]

    assert first.leniency == 0
    assert first.in_words(SCALE) is Leniency.ALIKE
    assert first.steadiness(SCALE) is Steadiness.UNSTEADY


@pytest.mark.parametrize("beside", [0, 4])
def test_too_few_scores_beside_others_say_nothing(beside: int) -> None:
    others = [6] * beside + [None] * (9 - beside)

    first = evaluator_figures(scores({1: [10] * 9, 2: others}), [1, 2])[0]

    assert (first.given, first.compared) == (9, beside)
    assert first.in_words(SCALE) is None
    assert first.steadiness(SCALE) is None


def test_an_evaluator_without_scores_is_listed_too() -> None:
    figures = evaluator_figures(scores({1: [4]}), [1, 2])

    assert (figures[1].given, figures[1].leniency) == (0, None)


@given(st.lists(st.tuples(*[st.integers(0, 10)] * 4), min_size=1, max_size=8))
def test_where_all_score_everything_the_differences_cancel_out(rows: list[tuple[int, ...]]) -> None:
    table: dict[int, list[int | None]] = {e: [row[e] for row in rows] for e in range(4)}

    figures = evaluator_figures(scores(table), range(4))

    assert sum(one.leniency or 0 for one in figures) == 0


def test_spread_is_the_highest_minus_the_lowest() -> None:
    found = spreads(scores({1: [2, 6], 2: [8, 6], 3: [4, None]}))

    assert (found[1, 1].lowest, found[1, 1].highest, found[1, 1].apart, found[1, 1].scores) == (2, 8, 6, 3)
    assert (found[2, 1].apart, found[2, 1].scores) == (0, 2)


def test_municipalities_stand_where_the_data_puts_them() -> None:
    assert positions([Place("a", 2, 1), Place("b", 1, 1)]) == {"a": (1, 0), "b": (0, 0)}


def test_without_places_in_the_data_they_make_a_square() -> None:
    found = positions([Place(slug, 0, 0) for slug in "abcde"])

    assert found == {"a": (0, 0), "b": (1, 0), "c": (2, 0), "d": (0, 1), "e": (1, 1)}


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30))
def test_every_municipality_has_a_tile_of_its_own(tiles: list[tuple[int, int]]) -> None:
    found = positions([Place(str(number), *tile) for number, tile in enumerate(tiles)])

    assert len(found) == len(set(found.values())) == len(tiles)
    assert all(column >= 0 and row >= 0 for column, row in found.values())
