"""The geometry of the charts: whole units, nothing outside the drawing, parts that join."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from achterhoek.nlds import charts


@given(st.lists(st.integers(0, 40), min_size=1, max_size=9))
def test_the_parts_of_a_bar_join_and_end_where_their_sum_does(values: list[int]) -> None:
    row = charts.StackRow("A", [(Fraction(value), "") for value in values], "")

    pieces = charts.stacked_bars([row], Fraction(400), ["G"]).bars[0].pieces

    for one, following in pairwise(pieces):
        assert one.left + one.width == following.left
    if pieces:
        assert pieces[-1].left + pieces[-1].width == round(Fraction(sum(values), 400) * charts.CHART_WIDTH)


def test_a_part_that_cannot_be_computed_is_not_drawn() -> None:
    row = charts.StackRow("A", [None, (Fraction(5), "G2 5")], "")

    (piece,) = charts.stacked_bars([row], Fraction(10), ["G1", "G2"]).bars[0].pieces

    assert (piece.left, piece.series, piece.labelled) == (0, 1, True)


def test_below_the_middle_goes_left_and_too_few_draws_nothing() -> None:
    drawn = charts.deviations([("A", Fraction(-1), ""), ("B", Fraction(2), ""), ("C", None, "")], Fraction(2))

    assert [(bar.left, bar.width) for bar in drawn.bars] == [(190, 190), (380, 380), (380, 0)]


def test_an_open_end_runs_to_the_edge() -> None:
    (bar,) = charts.spans([("A", None, Fraction(5), None, "")], Fraction(10)).bars

    assert (bar.left, bar.right, bar.now) == (0, charts.CHART_WIDTH, 380)
    assert bar.open_left
    assert bar.open_right


def test_a_heat_map_has_a_cell_for_each_row_and_column() -> None:
    drawn = charts.heat_map(["G1", "G2"], [("A", [("2 – 8", "large"), ("6", "small")])])

    assert [cell.tone for cell in drawn.rows[0].cells] == ["large", "small"]
    assert max(cell.left for cell in drawn.rows[0].cells) + drawn.cell_width <= drawn.width
    assert drawn.rows[0].cells[0].top + drawn.cell_height <= drawn.height


def test_a_long_name_is_cut_short_in_a_drawing() -> None:
    assert charts.shortened("x" * 60).endswith("…")
    assert len(charts.shortened("x" * 60)) == charts.LONGEST_LABEL
