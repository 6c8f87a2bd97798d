"""A dossier with a fault is refused whole, and every fault is told, in document order."""

import json
from pathlib import Path
from typing import Any

import pytest

from procurement.domain.scoring import DossierRefusedError, faults, rank, rank_json
from tests.unit.procurement.dossiers import bid, dossier, graded, linear, relative, valued

Fault = tuple[str, str | None, str | None]


def faults_of(source: Any) -> list[Fault]:
    outcome = rank_json(source if isinstance(source, (str, bytes)) else json.dumps(source))
    errors = json.loads(outcome.text).get("errors", [])
    for error in errors:
        assert list(error) == [key for key in ("code", "bid", "criterion", "message") if key in error]
        assert error["message"]
    return [(error["code"], error.get("bid"), error.get("criterion")) for error in errors]


def good(**more: Any) -> dict[str, Any]:
    return dossier([graded("Q"), relative()], [bid("A", {"Q": "8"}, "100")]) | more


BAD: Fault = ("bad_format", None, None)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"format": "scoring-dossier/2"}, BAD),
        ({"method": "magic"}, BAD),
        ({"method": ["weighted_points"]}, BAD),
        ({"scale_max": 10}, BAD),
        ({"scale_max": "-0"}, BAD),
        ({"scale_max": "1e1"}, BAD),
        ({"scale_max": "10\n"}, BAD),
        ({"scale_max": "١٠"}, BAD),
        ({"scale_max": None}, BAD),
        ({"places": "1"}, BAD),
        ({"places": True}, BAD),
        ({"places": 1.0}, BAD),
        ({"places": None}, BAD),
        ({"places": 0}, ("bad_places", None, None)),
        ({"places": -(10**40)}, ("bad_places", None, None)),
        ({"minimum_total": 60}, BAD),
        ({"minimum_total": ""}, BAD),
        ({"draw_seed": ""}, BAD),
        ({"draw_seed": 7}, BAD),
        ({"on_exclusion": None}, BAD),
        ({"on_exclusion": "Rescore"}, BAD),
        ({"tie_break": None}, BAD),
        ({"tie_break": [None]}, BAD),
        ({"tie_break": ["Q", "Z"]}, ("unknown_tie_break", None, "Z")),
        ({"bids": None}, BAD),
        ({"bids": {}}, BAD),
        ({"bids": ["A"]}, BAD),
        ({"criteria": None}, BAD),
    ],
)
def test_one_fault_at_the_top(change: dict[str, Any], fault: Fault) -> None:
    assert faults_of(good(**change)) == [fault]


@pytest.mark.parametrize("key", [k for k in dossier([], []) if k not in ("minimum_total", "draw_seed")])
def test_what_is_required_may_not_be_absent(key: str) -> None:
    source = good()
    del source[key]
    assert faults_of(source) == [BAD]


def test_what_is_optional_may_be_absent_or_null() -> None:
    source = good()
    del source["minimum_total"], source["draw_seed"]
    source["bids"].append({"id": "X", "status": "excluded", "price": None, "scores": None})
    source["bids"].append(
        {
            "id": "Y",
            "status": "withdrawn",
            "scores": {"Q": {"individual": None, "consensus": None}, "P": None},
        }
    )
    source["bids"][0]["scores"]["unknown"] = None
    del source["criteria"][0]["minimum"]
    assert faults_of(source) == []


@pytest.mark.parametrize(
    ("criterion", "code"),
    [
        (graded("C", "0"), "bad_weight"),
        (graded("C", "-1"), "bad_weight"),
        (graded("C", minimum=4), "bad_format"),  # type: ignore[arg-type]
        (relative("0", "C"), "bad_weight"),
        (linear("80", "80", identifier="C"), "bad_bounds"),
        (linear("80", "79.9", identifier="C"), "bad_bounds"),
        (linear("x", "79.9", identifier="C"), "bad_format"),
        ({"id": "C", "kind": "price", "weight": "1", "formula": "cheapest"}, "bad_format"),
        ({"id": "C", "kind": "smell", "weight": "1"}, "bad_format"),
        ({"id": "C", "kind": "graded"}, "bad_format"),
    ],
)
def test_one_fault_in_a_criterion(criterion: dict[str, Any], code: str) -> None:
    source = dossier([criterion], [bid("A", {}, "1")])
    if criterion["kind"] == "graded":
        source["bids"][0]["scores"] = {"C": {"consensus": "1"}}
    assert faults_of(source) == [(code, None, "C")]


def test_criteria_there_have_to_be_each_once() -> None:
    assert faults_of(dossier([], [])) == [BAD]
    twice = dossier([graded("Q"), graded("Q"), graded("Q")], [bid("A", {"Q": "1"})])
    assert faults_of(twice) == [("duplicate_criterion", None, "Q")] * 2
    assert faults_of(dossier([graded("Q"), 3, {"kind": "graded", "weight": "1"}], [])) == [BAD, BAD]


def test_award_on_value_knows_no_price_criterion_and_no_minimum_total() -> None:
    source = dossier(
        [valued("W", "100"), relative()],
        [bid("A", {"W": "1"}, "5"), bid("B", {"W": "1"})],
        method="award_on_value",
        minimum_total="60",
    )
    assert faults_of(source) == [BAD, ("bad_format", None, "P"), ("missing_price", "B", None)]
    weighed = dossier([graded("W")], [bid("A", {"W": "1"}, "5")], method="award_on_value")
    assert faults_of(weighed) == [("bad_format", None, "W")], "a weight is no max_value"
    nothing = dossier([valued("W", "0")], [], method="award_on_value")
    assert faults_of(nothing) == [("bad_weight", None, "W")]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"id": 7}, BAD),
        ({"status": "winner"}, ("bad_format", "A", None)),
        ({"status": None}, ("bad_format", "A", None)),
        ({"price": 100}, ("bad_format", "A", None)),
        ({"price": "0.00"}, ("bad_price", "A", None)),
        ({"price": None}, ("missing_price", "A", None)),
        ({"scores": []}, ("bad_format", "A", None)),
        ({"scores": None}, ("missing_score", "A", "Q")),
        ({"scores": {"Q": None}}, ("missing_score", "A", "Q")),
        ({"scores": {"Q": "8"}}, ("bad_format", "A", "Q")),
        ({"scores": {"Q": {"consensus": 8}}}, ("bad_format", "A", "Q")),
        ({"scores": {"Q": {"consensus": "10.01"}}}, ("score_out_of_range", "A", "Q")),
        ({"scores": {"Q": {"consensus": "-0.1"}}}, ("score_out_of_range", "A", "Q")),
        ({"scores": {"Q": {"consensus": "8", "individual": []}}}, ("bad_format", "A", "Q")),
        ({"scores": {"Q": {"consensus": "8", "individual": {"e": None}}}}, ("bad_format", "A", "Q")),
        ({"scores": {"Q": {"consensus": "8", "individual": {"e": ["8"]}}}}, ("bad_format", "A", "Q")),
        ({"scores": {"Q": {"consensus": "8", "individual": {"e": "11"}}}}, ("score_out_of_range", "A", "Q")),
        ({"scores": {"Q": {"consensus": "8"}, "P": {}}}, ("unknown_criterion", "A", "P")),
        ({"scores": {"Q": {"consensus": "8"}, "Z": {"consensus": "99"}}}, ("unknown_criterion", "A", "Z")),
    ],
)
def test_one_fault_in_a_bid(change: dict[str, Any], fault: Fault) -> None:
    source = good()
    source["bids"][0] |= change
    assert faults_of(source) == [fault]


def test_minus_zero_is_a_score_of_zero() -> None:
    source = good()
    source["bids"][0]["scores"]["Q"]["consensus"] = "-0.0"
    assert rank(source).ranking[0].points["Q"] == "0"


def test_missing_is_a_fault_for_admitted_bids_only_and_the_rest_for_all() -> None:
    source = good()
    source["bids"] += [
        {"id": "X", "status": "withdrawn", "price": "-1", "scores": {"Q": {"consensus": "12"}, "R": {}}},
        {"id": "X", "status": "dropped"},
        {"id": "Y", "status": "admitted"},
    ]
    assert faults_of(source) == [
        ("bad_price", "X", None),
        ("score_out_of_range", "X", "Q"),
        ("unknown_criterion", "X", "R"),
        ("duplicate_bid", "X", None),
        ("missing_price", "Y", None),
        ("missing_score", "Y", "Q"),
    ]


def test_a_missing_score_refuses_even_where_another_score_knocks_the_bid_out() -> None:
    source = dossier([graded("Q", minimum="5"), graded("R")], [bid("A", {"Q": "1"})])
    assert faults_of(source) == [("missing_score", "A", "R")]


def test_without_a_price_criterion_no_price_is_needed() -> None:
    assert faults_of(dossier([graded("Q")], [bid("A", {"Q": "8"})])) == []
    assert faults_of(dossier([graded("Q")], [bid("A", {"Q": "8"}, "0")])) == [("bad_price", "A", None)]


def test_all_faults_come_in_document_order() -> None:
    source = dossier(
        [graded("Q", "0"), linear("2", "1")],
        [bid("A", {"Q": "11", "Z": "1"}), bid("A", {"Q": "1"}, "x")],
        format="?",
        places=0,
        tie_break=["T"],
    )
    shuffled = dict(reversed(source.items()))
    expected = [
        BAD,
        ("bad_places", None, None),
        ("bad_weight", None, "Q"),
        ("bad_bounds", None, "P"),
        ("unknown_tie_break", None, "T"),
        ("missing_price", "A", None),
        ("score_out_of_range", "A", "Q"),
        ("unknown_criterion", "A", "Z"),
        ("duplicate_bid", "A", None),
        ("bad_format", "A", None),
    ]
    assert faults_of(source) == faults_of(shuffled) == expected
    with pytest.raises(DossierRefusedError) as refused:
        rank(source)
    assert len(refused.value.faults) == len(expected)


def test_each_score_out_of_range_is_a_fault() -> None:
    source = good()
    source["bids"][0]["scores"]["Q"] = {"individual": {"e1": "11", "e2": "8", "e3": "-1"}, "consensus": "12"}
    assert faults_of(source) == [("score_out_of_range", "A", "Q")] * 3


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"places": 1', '"places": 1, "places": 1', BAD),
        ('"places": 1', '"places": 1, "x": [{"y": 1, "y": 2}]', BAD),
        ('"weight": "10"', '"weight": "10", "weight": "11"', ("bad_format", None, "Q")),
        ('"status": "admitted"', '"status": "excluded", "status": "admitted"', ("bad_format", "A", None)),
        ('"consensus": "8"', '"consensus": "8", "consensus": "8"', ("bad_format", "A", "Q")),
        ('"Q": {"consensus"', '"Q": {}, "Q": {"consensus"', ("bad_format", "A", "Q")),
    ],
)
def test_a_key_twice(old: str, new: str, fault: Fault) -> None:
    text = json.dumps(good())
    assert old in text
    assert faults_of(text.replace(old, new, 1)) == [fault]


@pytest.mark.parametrize(
    "source",
    [
        "",
        "{",
        "[]",
        "null",
        '"scoring-dossier/1"',
        "NaN",
        '{"x": Infinity}',
        '{"x": -Infinity}',
        '{"x": 01}',
        "{} {}",
        b"\xff\xfe",
        b'{"x": "\xc3"}',
        '{"x": "\\ud800"}',
        '{"x": "a\nb"}',
        "[" * 100_000,
        "[" * 300 + "]" * 300,
        '{"x":' * 100_000,
    ],
)
def test_what_is_no_json_object_is_one_fault(source: str | bytes) -> None:
    assert faults_of(source) == [BAD]


def test_every_code_that_there_is_has_a_test_here() -> None:
    """The codes of the document, the codes of the program, and the codes in these tests are the same."""
    documented = {
        "bad_format", "missing_score", "missing_price", "score_out_of_range", "unknown_criterion",
        "unknown_tie_break", "duplicate_bid", "duplicate_criterion", "bad_weight", "bad_price", "bad_places",
        "bad_bounds",
    }  # fmt: skip
    known = {value for name, value in vars(faults).items() if name.isupper() and isinstance(value, str)}
    tested = Path(__file__).read_text().split("def test_every_code")[0]
    assert known == documented
    assert all(f'"{code}"' in tested for code in documented)
