"""What the law and the guide promise a bidder about the ranking."""

import hashlib
from typing import Any

import pytest

from procurement.domain.scoring import rank
from tests.unit.procurement.dossiers import bid, dossier, graded, linear, relative, valued


def rows(source: dict[str, Any]) -> list[tuple[str, int | None, str]]:
    return [(row.bid, row.rank, row.outcome) for row in rank(source).ranking]


def totals(source: dict[str, Any]) -> dict[str, str | None]:
    return {row.bid: row.total for row in rank(source).ranking}


def points(source: dict[str, Any]) -> dict[str, dict[str, str | None]]:
    return {row.bid: dict(row.points) for row in rank(source).ranking}


SELECTION_SCORES = {
    "A": "8 8 6 8",
    "B": "8 6 8 6",
    "C": "10 8 4 8",
    "D": "6 8 8 6",
    "E": "6 6 8 10",
    "F": "8 6 6 6",
    "G": "4 6 6 4",
}


def test_selection_example() -> None:
    """Five advance; E and F are equal on 68 and the announced criterion S1 decides for F."""
    criteria = [graded(f"S{n}", weight, "4") for n, weight in enumerate(["40", "30", "20", "10"], start=1)]
    bids = [
        bid(name, {f"S{n}": score for n, score in enumerate(scores.split(), start=1)})
        for name, scores in SELECTION_SCORES.items()
    ]
    source = dossier(criteria, bids, places=5, minimum_total="60", tie_break=["S1"])
    assert rows(source) == [
        ("C", 1, "selected"),
        ("A", 2, "selected"),
        ("B", 3, "selected"),
        ("D", 4, "selected"),
        ("F", 5, "selected"),
        ("E", 6, "reserve"),
        ("G", None, "below_minimum"),
    ]
    assert totals(source) == {"C": "80", "A": "76", "B": "72", "D": "70", "F": "68", "E": "68", "G": "50"}


def test_award_on_value_example() -> None:
    criteria = [valued("W1", "150000"), valued("W2", "100000"), valued("W3", "50000")]
    offers = {
        "A": ("1240000", "8 6 10"),
        "B": ("1310000", "10 10 8"),
        "C": ("1195000", "6 4 6"),
        "D": ("1225000", "6 8 6"),
    }
    bids = [
        bid(name, {f"W{n}": score for n, score in enumerate(scores.split(), start=1)}, price)
        for name, (price, scores) in offers.items()
    ]
    source = dossier(criteria, bids, method="award_on_value", places=1)
    assert [name for name, _, _ in rows(source)] == ["A", "B", "D", "C"]
    assert totals(source) == {"A": "1010000", "B": "1020000", "D": "1025000", "C": "1035000"}
    assert points(source)["A"] == {"W1": "120000", "W2": "60000", "W3": "50000"}


def test_example_of_the_format() -> None:
    source = dossier(
        [graded("G1", "35", "4"), graded("G3", "25"), linear("80", "140")],
        [
            {
                "id": "B1",
                "status": "admitted",
                "price": "100",
                "scores": {
                    "G1": {"individual": {"e1": "8", "e2": "6"}, "consensus": "8"},
                    "G3": {"consensus": "6"},
                },
            }
        ],
        places=3,
        minimum_total="60",
        tie_break=["G1", "G3"],
    )
    result = rank(source).to_json()
    assert result.endswith(
        '"places":3,"ranking":[{"bid":"B1","rank":1,"outcome":"selected","total":"69.6667",'
        '"points":{"G1":"28","G3":"15","P":"26.6667"}}]}'
    )
    assert result.startswith('{"format":"scoring-result/1","digest":"sha256:')


def test_a_third_bid_that_drops_out_can_turn_a_relative_ranking_round() -> None:
    """Why the software warns about relative price scoring, and why `keep_ranking` exists."""
    criteria = [graded("Q", "50"), relative("50")]
    bids = [
        bid("A", {"Q": "9.9"}, "200"),
        bid("B", {"Q": "7"}, "140"),
        bid("C", {"Q": "0"}, "50", status="dropped"),
    ]
    kept = dossier(criteria, bids, on_exclusion="keep_ranking")
    rescored = dossier(criteria, bids, on_exclusion="rescore")
    assert rows(kept)[0] == ("A", 1, "selected")
    assert rows(rescored)[0] == ("B", 1, "selected")
    assert points(kept)["C"]["P"] == "50"


@pytest.mark.parametrize("status", ["excluded", "withdrawn"])
def test_a_bid_that_left_before_the_ranking_sets_no_reference_price(status: str) -> None:
    bids = [bid("A", price="100"), bid("X", price="50", status=status)]
    found = points(dossier([relative("40")], bids))
    assert found["A"] == {"P": "40"}
    assert found["X"] == {"P": "40"}, "held at the weight"


def test_a_knocked_out_bid_sets_no_reference_price_but_one_below_the_total_does() -> None:
    criteria = [graded("Q", "60", "4"), relative("40")]
    bids = [
        bid("A", {"Q": "10"}, "100"),
        bid("low", {"Q": "4"}, "80"),
        bid("out", {"Q": "3.99"}, "50"),
        bid("gone", {"Q": "1"}, "40", status="dropped"),
    ]
    source = dossier(criteria, bids, minimum_total="65")
    assert rows(source) == [
        ("A", 1, "selected"),
        ("gone", None, "dropped"),
        ("low", None, "below_minimum"),
        ("out", None, "knocked_out"),
    ]
    assert points(source)["A"]["P"] == "32"


def test_a_dropped_bid_is_judged_on_the_scores_it_has() -> None:
    criteria = [graded("Q", "30", "4"), graded("R", "30", "4"), relative("40")]
    half = bid("half", {"Q": "5"}, "50", status="dropped")
    failed = bid("failed", {"Q": "3"}, "25", status="dropped")
    found = points(dossier(criteria, [bid("A", {"Q": "8", "R": "8"}, "100"), half, failed]))
    assert found["A"]["P"] == "20"
    assert found["half"] == {"Q": "15", "R": None, "P": "40"}
    assert totals(dossier(criteria, [half]))["half"] is None


def test_without_a_reference_price_points_and_total_are_null() -> None:
    source = dossier([graded("Q", "60", "5"), relative("40")], [bid("A", {"Q": "1"}, "100")])
    (row,) = rank(source).ranking
    assert (row.outcome, row.total, dict(row.points)) == ("knocked_out", None, {"Q": "6", "P": None})


def test_an_excluded_bid_without_anything_is_listed_with_nulls() -> None:
    bare = {"id": "X", "status": "excluded"}
    source = dossier([graded("Q"), linear("1", "2")], [bare, bid("A", {"Q": "1"}, "1")])
    assert rank(source).ranking[1].points == {"Q": None, "P": None}
    assert rows(source)[1] == ("X", None, "excluded")


def test_minimums_pass_on_the_boundary_and_knock_out_goes_before_the_total() -> None:
    criteria = [graded("Q", "100", "5.5")]
    source = dossier(
        criteria,
        [bid("on", {"Q": "5.50"}), bid("under", {"Q": "5.49"})],
        minimum_total="55",
    )
    assert rows(source) == [("on", 1, "selected"), ("under", None, "knocked_out")]


def test_linear_price_points_stay_within_nothing_and_the_weight() -> None:
    prices = {"dear": "150", "top": "140", "middle": "110", "low": "80", "cheap": "10"}
    found = points(dossier([linear("80", "140")], [bid(name, price=price) for name, price in prices.items()]))
    assert {name: each["P"] for name, each in found.items()} == {
        "dear": "0",
        "top": "0",
        "middle": "20",
        "low": "40",
        "cheap": "40",
    }


def test_equal_bids_share_a_rank_and_only_those_across_the_cut_wait_for_a_draw() -> None:
    scores = {"a": "9", "b": "8", "c": "8", "d": "7", "e": "7", "f": "7", "g": "6"}
    bids = [bid(name, {"Q": score}) for name, score in scores.items()]
    assert rows(dossier([graded("Q")], bids, places=4)) == [
        ("a", 1, "selected"),
        ("b", 2, "selected"),
        ("c", 2, "selected"),
        ("d", 4, "pending_draw"),
        ("e", 4, "pending_draw"),
        ("f", 4, "pending_draw"),
        ("g", 7, "reserve"),
    ]


def test_with_room_for_all_there_is_no_cut() -> None:
    bids = [bid("a", {"Q": "8"}), bid("b", {"Q": "8"}), bid("x", {"Q": "9"}, status="withdrawn")]
    assert rows(dossier([graded("Q")], bids, places=2))[:2] == [("a", 1, "selected"), ("b", 1, "selected")]


def test_ties_that_end_on_the_cut_need_no_draw() -> None:
    bids = [bid(name, {"Q": score}) for name, score in {"a": "8", "b": "8", "c": "7"}.items()]
    assert [outcome for _, _, outcome in rows(dossier([graded("Q")], bids, places=2))] == [
        "selected",
        "selected",
        "reserve",
    ]


def test_a_recorded_draw_orders_equal_bids_by_their_hash() -> None:
    names = ["a", "b", "c", "zorg-ë"]
    source = dossier([graded("Q")], [bid(name, {"Q": "8"}) for name in names], places=2, draw_seed="lot 7")
    drawn = sorted(names, key=lambda name: hashlib.sha256(f"lot 7:{name}".encode()).hexdigest())
    outcomes = ["selected", "selected", "reserve", "reserve"]
    assert rows(source) == list(zip(drawn, [1, 2, 3, 4], outcomes, strict=True))


def test_a_tie_break_may_name_the_price() -> None:
    criteria = [graded("Q", "50"), linear("0", "100", "50")]
    bids = [bid("a", {"Q": "10"}, "50"), bid("b", {"Q": "9"}, "40")]
    assert rows(dossier(criteria, bids))[0] == ("a", 1, "pending_draw")
    assert rows(dossier(criteria, bids, tie_break=["P"])) == [("b", 1, "selected"), ("a", 2, "reserve")]


def test_a_tie_break_on_value_takes_the_highest_value_first() -> None:
    criteria = [valued("W", "100"), valued("V", "100")]
    bids = [bid("a", {"W": "4", "V": "6"}, "1000"), bid("b", {"W": "6", "V": "4"}, "1000")]
    source = dossier(criteria, bids, method="award_on_value", tie_break=["W"])
    assert rows(source) == [("b", 1, "selected"), ("a", 2, "reserve")]


def test_totals_that_look_equal_are_still_ordered_exactly() -> None:
    """Rounding is for showing: a difference in the thirtieth decimal decides."""
    hair = "8." + "0" * 29 + "1"
    source = dossier([graded("Q", "100")], [bid("a", {"Q": "8"}), bid("b", {"Q": hair})])
    assert rows(source) == [("b", 1, "selected"), ("a", 2, "reserve")]
    assert totals(source) == {"a": "80", "b": "80"}


@pytest.mark.parametrize(
    ("price", "total"),
    [
        ("10.00005", "0.0001"),
        ("10.000049", "0"),
        ("9.99995", "-0.0001"),
        ("9.99996", "0"),
        ("9.5", "-0.5"),
        ("1", "-9"),
    ],
)
def test_half_rounds_away_from_zero_and_nothing_is_minus_zero(price: str, total: str) -> None:
    """Award on value can end below zero."""
    source = dossier([valued("W", "10")], [bid("a", {"W": "10"}, price)], method="award_on_value")
    assert totals(source)["a"] == total


def test_figures_of_any_size_are_exact() -> None:
    big = "1" + "0" * 6000
    source = dossier([graded("Q", big)], [bid("a", {"Q": "5"})], places=10**30)
    result = rank(source)
    assert result.ranking[0].total == "5" + "0" * 5999
    assert result.places == 10**30
    assert f'"places":{10**30},' in result.to_json()


def test_no_bids_is_an_empty_ranking() -> None:
    assert rank(dossier([graded("Q")], [])).ranking == ()
