"""Numbers and moments look the same on every page: the reader's language, Dutch time, exact decimals."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import translation

from achterhoek.nlds import formatting
from achterhoek.nlds.charts import bar_length, tile_map
from achterhoek.sizes import format_size

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("1240000"), f"€{NBSP}1.240.000,00"),
        (Decimal("0.005"), f"€{NBSP}0,01"),
        (0, f"€{NBSP}0,00"),
        (Decimal("-12.5"), f"€{NBSP}-12,50"),
    ],
)
def test_money_is_written_the_dutch_way(value: Decimal | int, shown: str) -> None:
    assert formatting.format_euro(value) == shown


def test_money_follows_the_readers_language() -> None:
    with translation.override("en"):
        assert formatting.format_euro(Decimal("1240000")) == f"€{NBSP}1,240,000.00"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(Decimal("72.5"), "72,50"), (Fraction(200, 3), "66,67"), (Fraction(1, 8), "0,13"), (80, "80,00")],
)
def test_points_are_rounded_half_up_for_display(value: Decimal | Fraction | int, shown: str) -> None:
    assert formatting.format_points(value) == shown


def test_a_fraction_below_zero_rounds_away_from_zero() -> None:
    assert formatting.to_decimal(Fraction(-1, 8), 2) == Decimal("-0.13")


def test_moments_are_in_dutch_time() -> None:
    summer, winter = datetime(2026, 7, 1, 10, 0, tzinfo=UTC), datetime(2026, 1, 1, 23, 30, tzinfo=UTC)
    assert formatting.format_moment(summer) == "1 juli 2026, 12:00 uur"
    assert formatting.format_moment(winter) == "2 januari 2026, 00:30 uur"
    assert formatting.format_day(winter) == "2 januari 2026"
    assert formatting.format_day(date(2022, 7, 1)) == "1 juli 2022"


@pytest.mark.parametrize(
    ("remaining", "words"),
    [
        (timedelta(days=3, hours=4, minutes=5), "3 dagen en 4 uur"),
        (timedelta(days=1), "1 dag"),
        (timedelta(hours=4, minutes=10), "4 uur en 10 minuten"),
        (timedelta(minutes=1), "1 minuut"),
        (timedelta(seconds=20), "minder dan een minuut"),
        (timedelta(seconds=-5), "minder dan een minuut"),
    ],
)
def test_the_time_that_is_left_is_told_in_its_two_largest_units(remaining: timedelta, words: str) -> None:
    assert formatting.format_remaining(remaining) == words


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (1, "1 byte"),
        (999, "999 bytes"),
        (1023, "1023 bytes"),
        (2_400, f"2{NBSP}kB"),
        (2_516_582, f"2,4{NBSP}MB"),
        (10 * 1024**2, f"10{NBSP}MB"),
        (2 * 1024**3, f"2{NBSP}GB"),
        (3 * 1024**3 // 2, f"1,5{NBSP}GB"),
    ],
)
def test_file_sizes_are_in_units_a_reader_knows_and_say_no_more_than_there_is(size: int, shown: str) -> None:
    assert format_size(size) == shown


def test_a_bar_never_leaves_its_track() -> None:
    assert bar_length(50, 100) == 100
    assert bar_length(Fraction(1, 3), 1) == 67
    assert bar_length(120, 100) == 200
    assert bar_length(-5, 100) == 0
    assert bar_length(5, 0) == 0


def test_the_tile_map_grows_with_its_tiles() -> None:
    drawn = tile_map([{"x": 0, "y": 0, "label": "A"}, {"x": 2, "y": 1, "label": "Oude IJsselstreek"}])
    assert (drawn.width, drawn.height) == (328, 216)
    assert drawn.tiles[1].lines == ("Oude", "IJsselstreek")
    assert tile_map([]).tiles == ()
