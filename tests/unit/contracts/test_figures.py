"""A figure as people type it, and a file with many of them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.domain.figure_rows import BadFile, lines_of
from contracts.domain.figures import read_figure, write_figure

HEAD = ["Contract", "jaar", "kwartaal", "indicator", "gemeente", "cijfer", "opmerking", "van onszelf"]


@pytest.mark.parametrize(("typed", "figure"), [
    ("12,5", "12.5"), ("12.5", "12.5"), ("1.250", "1250"), ("1.250,5", "1250.5"), ("1 250", "1250"), (" 0 ", "0"),
    ("-3", "-3"), ("007", "7"),
])  # fmt: skip
def test_a_figure_is_read_as_people_type_it(typed, figure):
    assert read_figure(typed) == Decimal(figure)


@pytest.mark.parametrize("typed", ["", " ", "\u00a0"])
def test_nothing_typed_is_not_a_zero(typed):
    assert read_figure(typed) is None
    assert write_figure(None) == ""


@pytest.mark.parametrize("typed", ["veel", "12%", "1,2,3", "1e5", "NaN", "٣", "12-13", "9" * 16, "1.25.0"])
def test_what_is_no_figure_is_refused(typed):
    with pytest.raises(ValueError, match="no figure"):
        read_figure(typed)


@given(st.decimals(-10_000, 1_000_000, places=2))
def test_what_is_written_is_read_again(value):
    assert read_figure(write_figure(value)) == value


@given(st.text())
def test_any_text_is_a_figure_nothing_or_refused(text):
    try:
        found = read_figure(text)
    except ValueError:
        return
    assert found is None or found.is_finite()


def test_rows_keep_their_number_in_the_file_and_empty_ones_are_left_out():
    rows = [HEAD, ["A", 2024, 1, "klachten", None, 3.0, "", "x"], ["", None], ["B", "2024", "1", "k", "", "'=1", ""]]
    found = lines_of(rows)
    assert [line.number for line in found] == [2, 4]
    assert found[0].cells == {
        "contract": "A", "jaar": "2024", "kwartaal": "1", "indicator": "klachten", "gemeente": "", "cijfer": "3",
        "opmerking": "",
    }  # fmt: skip
    assert found[1]["cijfer"] == "=1"


@pytest.mark.parametrize(("rows", "why"), [
    ([], "columns"), ([["contract"]], "columns"), ([HEAD], "empty"), ([HEAD, ["", ""]], "empty"),
    ([HEAD, *([["A"]] * 5001)], "long"),
])  # fmt: skip
def test_a_file_that_is_no_table_says_why(rows, why):
    with pytest.raises(BadFile) as refused:
        lines_of(rows)
    assert refused.value.args[0] == why
