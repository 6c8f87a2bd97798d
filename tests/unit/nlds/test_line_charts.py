"""A line over periods: inside its drawing, and broken where nothing is known."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from achterhoek.nlds.line_charts import HEIGHT, LINE, WIDTH, line_chart

figures = st.one_of(st.none(), st.decimals(-1000, 100_000, places=2))


@given(st.lists(figures, max_size=16), figures)
def test_all_lies_inside_the_drawing_and_more_stands_higher(values, norm):
    chart = line_chart([(str(n), value, "") for n, value in enumerate(values)], [(norm, "norm")])
    assert all(0 <= period.x <= WIDTH and 0 <= period.y <= HEIGHT for period in chart.periods)
    assert all(0 < level.y < HEIGHT for level in chart.levels)
    known = sorted((value, -period.y) for value, period in zip(values, chart.periods, strict=True) if value is not None)
    assert [height for _value, height in known] == sorted(height for _value, height in known)


@given(st.lists(figures, max_size=16))
def test_the_line_begins_anew_after_a_period_that_is_not_known(values):
    chart = line_chart([(str(n), value, "") for n, value in enumerate(values)])
    begins = sum(value is not None and (n == 0 or values[n - 1] is None) for n, value in enumerate(values))
    assert chart.path.count("M") == begins
    assert chart.path.count("L") == sum(value is not None for value in values) - begins


def test_a_zero_is_a_point_and_what_is_missing_is_none():
    chart = line_chart([("2024-1", Decimal(0), "0"), ("2024-2", None, "?")], [(None, "norm")])
    assert [(period.known, period.label) for period in chart.periods] == [(True, "0"), (False, "?")]
    assert chart.levels == ()


def test_quarters_stand_over_their_year_and_names_of_levels_clear_of_each_other():
    values = [(name, Decimal(4), "4") for name in ("2023-4", "2024-1", "2024-2")]
    chart = line_chart(values, [(Decimal(46), "norm 46"), (Decimal(45), "toegezegd 45")], Decimal(0))
    assert [(period.name, period.era) for period in chart.periods] == [("4", "2023"), ("1", "2024"), ("2", "")]
    above, below = chart.levels
    assert (above.label, below.label) == ("norm 46", "toegezegd 45")
    assert below.label_y - above.label_y >= LINE
