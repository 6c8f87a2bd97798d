"""How far a weight could move before others are selected, and why a bid stands where it stands."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from procurement.domain.explanation import BelowMinimum, Cut, Explanation, Tie, explain
from procurement.domain.scoring import dossier_text, rank
from procurement.domain.scoring.dossier import Dossier
from procurement.domain.scoring.jsontext import read_document
from procurement.domain.scoring.reading import read_dossier
from procurement.domain.sensitivity import Sensitivity, Turn, sensitivity
from tests.unit.procurement.dossiers import bid, dossier, graded, linear, valued


def read(source: dict[str, Any]) -> Dossier:
    return read_dossier(read_document(dossier_text(source)))


def by_criterion(source: dict[str, Any]) -> dict[str, Sensitivity]:
    return {one.criterion: one for one in sensitivity(read(source))}


def explained(source: dict[str, Any]) -> dict[str, Explanation]:
    return {one.bid: one for one in explain(read(source))}


TWO = dossier(
    [graded("G1", "60"), graded("G2", "40")],
    [bid("A", {"G1": "8", "G2": "4"}), bid("B", {"G1": "6", "G2": "6"})],
)


def test_the_weight_at_which_two_bids_cross() -> None:
    """A leads by 0.2 x G1 and trails by 0.2 x G2: equal where both weigh the same."""
    found = by_criterion(TWO)

    assert found["G1"].below == Turn(Fraction(40), at=True, enters=(), leaves=(), draws=("A", "B"))
    assert found["G1"].above is None
    assert found["G2"].above is not None
    assert found["G2"].above.weight == 60
    assert found["G2"].below is None


def test_a_tie_decided_by_a_criterion_turns_as_soon_as_the_weight_moves() -> None:
    source = dossier(
        [graded("G1", "50"), graded("G2", "50")],
        [bid("A", {"G1": "8", "G2": "4"}), bid("B", {"G1": "4", "G2": "8"})],
        tie_break=["G1"],
    )

    assert by_criterion(source)["G1"].below == Turn(Fraction(50), False, ("B",), ("A",))
    assert by_criterion(source)["G1"].above is None


def test_the_minimum_total_can_push_out_who_is_selected() -> None:
    source = dossier([graded("G1", "60"), graded("G2", "40")], [bid("A", {"G1": "6", "G2": "6"})], minimum_total="54")

    found = by_criterion(source)["G1"]

    assert found.below == Turn(Fraction(50), False, (), ("A",))
    assert found.above is None


def test_award_on_value_moves_the_highest_value() -> None:
    source = dossier(
        [valued("G1", "1000")],
        [bid("A", {"G1": "10"}, "2000"), bid("B", {"G1": "5"}, "1700")],
        method="award_on_value",
    )

    below = by_criterion(source)["G1"].below

    assert below is not None
    assert below.weight == 600


def test_no_cut_and_no_minimum_nothing_can_turn() -> None:
    source = {**TWO, "places": 2}

    assert all(one.below is None and one.above is None for one in sensitivity(read(source)))


GRADES = st.sampled_from(["0", "2", "4", "6", "8", "10"])


@st.composite
def dossiers(draw: st.DrawFn) -> dict[str, Any]:
    weights = draw(st.lists(st.integers(1, 60), min_size=2, max_size=3))
    ids = [f"G{number}" for number in range(len(weights))]
    criteria: list[Any] = [graded(one, str(weight)) for one, weight in zip(ids, weights, strict=True)]
    criteria[0]["minimum"] = draw(st.sampled_from([None, "4"]))
    if draw(st.booleans()):
        criteria.append(linear("50", "150", "30"))
    bids = [
        bid(f"B{n}", {one: draw(GRADES) for one in ids}, str(draw(st.integers(40, 160))))
        for n in range(draw(st.integers(2, 6)))
    ]
    more = {
        "places": draw(st.integers(1, 3)),
        "minimum_total": draw(st.sampled_from([None, "20", "50"])),
        "tie_break": draw(st.sampled_from([[], [ids[0]]])),
        "draw_seed": draw(st.sampled_from([None, "zaad"])),
    }
    return dossier(criteria, bids, **more)


def outcome(source: dict[str, Any], index: int, weight: Fraction) -> tuple[set[str], set[str]]:
    """By the public engine: all weights times a common number, since a dossier holds decimals only."""
    criteria = [dict(one) for one in source["criteria"]]
    factor = weight.denominator
    for one in criteria:
        one["weight"] = str(int(one["weight"]) * factor)
    criteria[index]["weight"] = str(weight.numerator)
    minimum = source["minimum_total"]
    changed = {**source, "criteria": criteria, "minimum_total": minimum and str(int(minimum) * factor)}
    rows = rank(changed).ranking
    return (
        {row.bid for row in rows if row.outcome == "selected"},
        {row.bid for row in rows if row.outcome == "pending_draw"},
    )


@settings(max_examples=150, deadline=None)
@given(dossiers(), st.data())
def test_within_the_limits_nothing_changes_and_just_past_them_something_does(
    source: dict[str, Any], data: st.DataObject
) -> None:
    for index, found in enumerate(sensitivity(read(source))):
        before = outcome(source, index, found.weight)
        lowest = found.below.weight if found.below else Fraction(0)
        highest = found.above.weight if found.above else found.weight + 500
        part = data.draw(st.fractions(0, 1, max_denominator=50).filter(lambda one: 0 < one < 1))
        for limit in (lowest, highest):
            assert outcome(source, index, found.weight + (limit - found.weight) * part) == before
        for turn, step in ((found.below, -1), (found.above, 1)):
            if turn is not None:
                tiny = Fraction(step, 10**9) if not turn.at else Fraction(0)
                assert outcome(source, index, turn.weight + tiny) != before


def test_distance_to_the_cut_on_both_sides() -> None:
    found = explained(TWO)

    assert found["A"].cut == Cut("B", Fraction(4))
    assert found["B"].cut == Cut("A", Fraction(4))
    assert [one.points for one in found["A"].points] == [48, 16]
    assert [one.most for one in found["A"].points] == [60, 40]


def test_a_knock_out_names_the_criterion_the_score_and_the_minimum() -> None:
    source = dossier(
        [graded("G1", "60", "4"), graded("G2", "40")],
        [bid("A", {"G1": "2", "G2": "10"}), bid("B", {"G1": "4", "G2": "0"})],
    )

    found = explained(source)

    assert found["A"].below_minimum == (BelowMinimum("G1", Fraction(2), Fraction(4)),)
    assert (found["A"].rank, found["A"].cut) == (None, None)
    assert found["B"].below_minimum == ()


def test_how_far_below_the_minimum_total() -> None:
    source = dossier([graded("G1", "100")], [bid("A", {"G1": "6"})], minimum_total="64.5")

    assert explained(source)["A"].short_of == Fraction(9, 2)


def test_a_tie_names_the_criterion_that_decided_with_both_figures() -> None:
    source = dossier(
        [graded("G1", "50"), graded("G2", "50")],
        [bid("A", {"G1": "8", "G2": "4"}), bid("B", {"G1": "4", "G2": "8"})],
        tie_break=["G2"],
    )

    found = explained(source)

    assert found["B"].ties == (Tie("A", True, "G2", Fraction(40), Fraction(20), False),)
    assert found["A"].ties == (Tie("B", False, "G2", Fraction(20), Fraction(40), False),)
    assert found["A"].cut == Cut("B", Fraction(0))


def test_lots_decide_where_all_is_equal_and_wait_where_they_are_not_drawn() -> None:
    bids = [bid("A", {"G1": "8"}), bid("B", {"G1": "8"})]

    drawn = explained(dossier([graded("G1", "50")], bids, draw_seed="zaad"))
    waiting = explained(dossier([graded("G1", "50")], bids))

    assert all(one.ties[0].drawn for one in drawn.values())
    assert {one.outcome for one in waiting.values()} == {"pending_draw"}
    assert not any(one.ties[0].drawn for one in waiting.values())


def test_while_lots_wait_nobody_is_told_how_far_the_cut_is() -> None:
    bids = [bid("A", {"G1": "8"}), bid("B", {"G1": "8"}), bid("C", {"G1": "6"}), bid("D", {"G1": "10"})]

    found = explained(dossier([graded("G1", "50")], bids, places=2))

    assert [found[one].outcome for one in "ABCD"] == ["pending_draw", "pending_draw", "reserve", "selected"]
    assert all(one.cut is None for one in found.values())


def test_a_draw_by_hand_settles_what_the_dossier_leaves_open() -> None:
    """Its order is no part of the dossier; the rank that was kept tells it."""
    source = dossier([graded("G1", "50")], [bid("A", {"G1": "8"}), bid("B", {"G1": "8"})])

    found = {one.bid: one for one in explain(read(source), {"B": 1, "A": 2})}

    assert [found[bid].outcome for bid in "AB"] == ["reserve", "selected"]
    assert found["B"].ties == (Tie("A", True, None, None, None, True),)
    assert sensitivity(read(source), {"B": 1, "A": 2})[0].above is None
