"""Blind scoring: who sees which score, and when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.domain.visibility import (
    ScoringRound,
    Viewer,
    ViewerRole,
    score_access,
)

ANNA, BEN, CARLA, LEAD = 1, 2, 3, 9
evaluator = ViewerRole.EVALUATOR


def seen(viewer: Viewer, scoring_round: ScoringRound) -> list[str]:
    """Whose scores this viewer sees."""
    access = score_access(viewer, scoring_round)
    return ["own"] * access.see_own + ["others"] * access.see_others


def round_of(*handed_in: int, closed: bool = False) -> ScoringRound:
    return ScoringRound(frozenset({ANNA, BEN}), frozenset(handed_in), closed)


def test_before_all_have_handed_in_each_sees_only_their_own() -> None:
    half = round_of(ANNA)
    assert seen(Viewer(ANNA, evaluator), half) == ["own"], "handing in first does not open the others"
    assert seen(Viewer(BEN, evaluator), half) == ["own"]
    assert seen(Viewer(LEAD, ViewerRole.LEAD), half) == []
    assert seen(Viewer(LEAD, ViewerRole.AUDITOR), half) == []


@pytest.mark.parametrize("scoring_round", [round_of(ANNA, BEN), round_of(ANNA, closed=True)])
def test_after_all_handed_in_or_the_round_is_closed_they_see_all(scoring_round: ScoringRound) -> None:
    for viewer in (Viewer(ANNA, evaluator), Viewer(LEAD, ViewerRole.LEAD), Viewer(8, ViewerRole.AUDITOR)):
        assert seen(viewer, scoring_round)[-1:] == ["others"]
        assert score_access(viewer, scoring_round).see_consensus


def test_one_who_is_not_assigned_sees_nothing_of_others() -> None:
    """Someone with a conflict of interest is not assigned."""
    assert seen(Viewer(CARLA, evaluator), round_of(ANNA, BEN)) == ["own"]
    replaced = ScoringRound(frozenset({BEN, CARLA}), frozenset({BEN, CARLA}))
    assert seen(Viewer(ANNA, evaluator), replaced) == ["own"]
    assert seen(Viewer(ANNA, ViewerRole.OTHER), round_of(ANNA, BEN)) == []


def test_nobody_assigned_is_not_everybody_ready() -> None:
    nobody = ScoringRound(frozenset(), frozenset())
    assert not nobody.revealed
    assert seen(Viewer(LEAD, ViewerRole.LEAD), nobody) == []


def test_another_who_handed_in_does_not_stand_in_for_one_who_is_assigned() -> None:
    assert not ScoringRound(frozenset({ANNA, BEN}), frozenset({ANNA, CARLA})).revealed


def test_scores_are_written_until_handed_in_and_while_the_round_is_open() -> None:
    assert score_access(Viewer(ANNA, evaluator), round_of()).write_own
    assert not score_access(Viewer(ANNA, evaluator), round_of(ANNA)).write_own
    assert not score_access(Viewer(ANNA, evaluator), round_of(closed=True)).write_own
    assert not score_access(Viewer(CARLA, evaluator), round_of()).write_own
    assert not score_access(Viewer(ANNA, ViewerRole.LEAD), round_of()).write_own


def test_the_lead_sees_who_is_ready_but_not_with_what() -> None:
    access = score_access(Viewer(LEAD, ViewerRole.LEAD), round_of(ANNA))
    assert access.see_progress
    assert not access.see_others
    assert not access.see_consensus


people = st.frozensets(st.integers(1, 5))


@given(st.integers(1, 5), st.sampled_from(ViewerRole), people, people)
def test_an_open_round_never_shows_a_score_of_another(
    person: int, role: ViewerRole, assigned: frozenset[int], handed_in: frozenset[int]
) -> None:
    scoring_round = ScoringRound(assigned, handed_in)
    access = score_access(Viewer(person, role), scoring_round)
    if not assigned or assigned - handed_in:
        assert not access.see_others
        assert not access.see_consensus
