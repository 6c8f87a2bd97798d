"""The words in which a bid's place is told."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from django.utils import translation

from procurement.domain.explanation import explain
from procurement.selectors.explanations import sentences
from tests.unit.procurement.dossiers import bid, dossier, graded, valued
from tests.unit.procurement.test_sensitivity import read

NAMES = {"A": "Zorg A", "B": "Zorg B", "C": "Zorg C"}


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def told(source: dict[str, Any], which: str, *, drawn: dict[str, int] | None = None, reason: str = "") -> list[str]:
    facts = next(one for one in explain(read(source), drawn) if one.bid == which)
    minimum = source["minimum_total"]
    return sentences(
        facts,
        names=NAMES,
        on_value=source["method"] == "award_on_value",
        minimum_total=Fraction(minimum) if minimum else None,
        reason=reason,
    )


def test_points_and_the_distance_to_the_cut() -> None:
    source = dossier(
        [graded("G1", "60"), graded("G2", "40")],
        [bid("A", {"G1": "8", "G2": "4"}), bid("B", {"G1": "6", "G2": "6"})],
    )

    assert told(source, "A") == [
        "The total is 64 points: G1 48 of 60; G2 16 of 40.",
        "It stands 4 points above Zorg B, the first bid that is not chosen.",
    ]
    assert told(source, "B")[1] == "It stands 4 points below Zorg A, the last bid that is chosen."


def test_a_knock_out_comes_first() -> None:
    source = dossier([graded("G1", "60", "5.5")], [bid("A", {"G1": "4"})])

    assert told(source, "A")[0] == "On G1 the score is 4; at least 5.50 was asked. That is a knock-out."


def test_a_knock_out_is_not_told_as_below_the_total_too() -> None:
    source = dossier([graded("G1", "60", "5")], [bid("A", {"G1": "4"})], minimum_total="50")

    assert not [text for text in told(source, "A") if "short of" in text]


def test_below_the_minimum_total_with_one_point() -> None:
    source = dossier([graded("G1", "100")], [bid("A", {"G1": "6"})], minimum_total="61")

    assert told(source, "A")[0] == "The total is 1 point short of the minimum of 61 points."


def test_award_on_value_speaks_of_euros_and_the_lowest_is_best() -> None:
    source = dossier(
        [valued("G1", "1000")], [bid("A", {"G1": "10"}, "2000"), bid("B", {"G1": "5"}, "1700")], method="award_on_value"
    )

    first, second = told(source, "A")

    assert "€\xa01,000.00 of €\xa01,000.00" in first
    assert second == "It is €\xa0200.00 cheaper than Zorg B, the first bid that is not chosen."
    assert "dearer than Zorg A" in told(source, "B")[1]


def test_a_tie_and_the_criterion_that_decided_it() -> None:
    source = dossier(
        [graded("G1", "50"), graded("G2", "50")],
        [bid("A", {"G1": "8", "G2": "4"}), bid("B", {"G1": "4", "G2": "8"})],
        tie_break=["G1"],
    )

    assert told(source, "A")[1:] == [
        "Its total is the same as that of Zorg B, the first bid that is not chosen.",
        "Equal to Zorg B. This one goes first by G1: 40 points against 20 points.",
    ]
    assert told(source, "B")[-1] == "Equal to Zorg A. That one goes first by G1: 40 points against 20 points."


def test_a_draw_that_waits_and_one_that_was_held() -> None:
    source = dossier([graded("G1", "50")], [bid("A", {"G1": "8"}), bid("B", {"G1": "8"})])

    assert "Lots have to be drawn before anybody is chosen." in told(source, "A")[1]
    assert (
        told(source, "A", drawn={"A": 2, "B": 1})[-1] == "Equal to Zorg B on everything. The draw put that one first."
    )


def test_who_was_excluded_reads_the_reason_and_nothing_of_others() -> None:
    source = dossier([graded("G1", "50")], [bid("A", {}, status="excluded"), bid("B", {"G1": "8"})])

    assert told(source, "A", reason="Niet volledig.") == [
        "This bid was excluded before the ranking, so it takes no place.",
        "Reason: Niet volledig.",
    ]


def test_many_equal_bids_are_counted_not_all_named() -> None:
    bids = [bid(f"B{number}", {"G1": "8"}) for number in range(6)]

    assert told(dossier([graded("G1", "50")], bids), "B0")[-1] == "2 more bids have the same total."
