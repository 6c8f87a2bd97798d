"""Blind scoring: who sees which score, and when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.domain.visibility import (
    IndividualScore,
    ScoringRound,
    Viewer,
    ViewerRole,
    score_access,
    visible_scores,
)

ANNA, BEN, CARLA, LEAD = 1, 2, 3, 9
SCORES = [IndividualScore(ANNA, 10), IndividualScore(BEN, 20)]
evaluator = ViewerRole.EVALUATOR


def keys(viewer: Viewer, scoring_round: ScoringRound) -> list[int]:
    return [score.key for score in visible_scores(viewer, scoring_round, SCORES)]


def round_of(*handed_in: int, closed: bool = False) -> ScoringRound:
    return ScoringRound(frozenset({ANNA, BEN}), frozenset(handed_in), closed)


def test_before_all_have_handed_in_each_sees_only_their_own() -> None:
    half = round_of(ANNA)
    assert keys(Viewer(ANNA, evaluator), half) == [10], "handing in first does not open the others"
    assert keys(Viewer(BEN, evaluator), half) == [20]
    assert keys(Viewer(LEAD, ViewerRole.LEAD), half) == []
    assert keys(Viewer(LEAD, ViewerRole.AUDITOR), half) == []


@pytest.mark.parametrize("scoring_round", [round_of(ANNA, BEN), round_of(ANNA, closed=True)])
def test_after_all_handed_in_or_the_round_is_closed_they_see_all(scoring_round: ScoringRound) -> None:
    for viewer in (Viewer(ANNA, evaluator), Viewer(LEAD, ViewerRole.LEAD), Viewer(8, ViewerRole.AUDITOR)):
        assert keys(viewer, scoring_round) == [10, 20]
        assert score_access(viewer, scoring_round).see_consensus


def test_one_who_is_not_assigned_sees_nothing_of_others() -> None:
    """Someone with a conflict of interest is not assigned."""
    assert keys(Viewer(CARLA, evaluator), round_of(ANNA, BEN)) == []
    replaced = ScoringRound(frozenset({BEN, CARLA}), frozenset({BEN, CARLA}))
    assert keys(Viewer(ANNA, evaluator), replaced) == [10]
    assert keys(Viewer(ANNA, ViewerRole.OTHER), round_of(ANNA, BEN)) == []


def test_nobody_assigned_is_not_everybody_ready() -> None:
    nobody = ScoringRound(frozenset(), frozenset())
    assert not nobody.revealed
    assert keys(Viewer(LEAD, ViewerRole.LEAD), nobody) == []


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
    scores = [IndividualScore(author, author) for author in range(1, 6)]
    seen = visible_scores(Viewer(person, role), scoring_round, scores)
    if not assigned or assigned - handed_in:
        assert all(score.evaluator == person for score in seen)
