"""A member is replaced: only what rests on the old one falls, it is kept, and the new one scores alone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.enums import SeatRole
from procurement.models import CommitteeMember, ConsensusScore, Score
from procurement.selectors.basis import counting_scores, stale_consensus
from procurement.selectors.evaluation import entries_to_score, lead_access, scoring_state
from procurement.services.assignment import divide
from procurement.services.committee import replace_member, set_attendants, set_committee
from procurement.services.evaluation import close_scoring, fix_scores, hand_in, record_consensus, save_score
from tests.factories import user_with
from tests.factories.evaluation import evaluation, no_interest

pytestmark = pytest.mark.django_db


def replaced(made, number=0):
    """The seat of a member, taken over by somebody new who has declared."""
    seat = CommitteeMember.objects.get(segment_round=made.segment_round, user=made.evaluators[number])
    user = user_with(Role.EVALUATOR, region=made.region, name="Opvolger")
    joined = replace_member(seat=seat, user=user, reason="Langdurig ziek.", by=made.lead)
    no_interest(joined)
    return seat, joined


def score_all(made, user, value="8"):
    for entry in made.entries:
        for criterion in made.criteria:
            save_score(entry=entry, criterion=criterion, value=Decimal(value), reason="Goed.", by=user)


@pytest.mark.parametrize("handed_in", [True, False])
def test_the_old_scores_are_kept_and_count_no_more(handed_in):
    made = evaluation(evaluators=2)
    old = made.evaluators[0]
    score_all(made, old)
    if handed_in:
        hand_in(segment_round=made.segment_round, by=old)
    score_all(made, made.evaluators[1])
    before = set(Score.objects.values_list("pk", "value", "changed_at"))
    replaced(made)
    assert set(Score.objects.values_list("pk", "value", "changed_at")) == before
    assert set(counting_scores(made.segment_round).values_list("evaluator", flat=True)) == {made.evaluators[1].pk}


def test_it_is_on_file_with_its_reason():
    made = evaluation(evaluators=2)
    seat, joined = replaced(made)
    seat.refresh_from_db()
    assert seat.ended_at
    assert seat.end_reason == "Langdurig ziek."
    assert joined.replaces == seat
    event = AuditEvent.objects.get(action="procurement.committee.replaced")
    assert event.detail["left"] == made.evaluators[0].email
    assert event.detail["reason"] == "Langdurig ziek."


def test_who_left_scores_and_reads_nothing_more():
    made = evaluation(evaluators=2)
    replaced(made)
    with pytest.raises(NotAllowed):
        score_all(made, made.evaluators[0])


def test_the_bids_go_along_with_the_seat():
    made = evaluation(entries=6, evaluators=3)
    divide(segment_round=made.segment_round, per_bid=1, seed="zaad", by=made.lead)
    seat = CommitteeMember.objects.get(user=made.evaluators[0])
    own = set(entries_to_score(seat))
    _seat, joined = replaced(made)
    assert set(entries_to_score(joined)) == own


def test_in_the_consensus_only_what_rests_on_the_old_member_is_set_again():
    """The bids are divided: a consensus on bids that the old member never scored stands."""
    made = evaluation(entries=4, evaluators=2)
    divide(segment_round=made.segment_round, per_bid=1, seed="zaad", by=made.lead)
    seat = CommitteeMember.objects.get(user=made.evaluators[0])
    rested = {entry.pk for entry in entries_to_score(seat)}
    for user in made.evaluators:
        own = CommitteeMember.objects.get(user=user)
        for entry in entries_to_score(own):
            for criterion in made.criteria:
                save_score(entry=entry, criterion=criterion, value=Decimal(6), reason="Goed.", by=user)
        hand_in(segment_round=made.segment_round, by=user)
    made.segment_round = close_scoring(segment_round=made.segment_round, by=made.lead)
    made.consensus_all(["6"] * 4)
    assert not stale_consensus(made.segment_round)
    _seat, _joined = replaced(made)
    assert set(stale_consensus(made.segment_round)) == rested
    assert ConsensusScore.objects.count() == 8
    with pytest.raises(RuleViolation):
        fix_scores(segment_round=made.segment_round, by=made.lead)


def test_the_new_member_scores_alone_although_the_others_are_closed():
    made = evaluation(evaluators=2)
    made.to_consensus()
    made.consensus_all(["6", "6"])
    _seat, joined = replaced(made)
    state = scoring_state(made.segment_round)
    assert state.late == {joined.user_id}
    score_all(made, joined.user)
    assert joined.user_id not in counting_scores(made.segment_round).values_list("evaluator", flat=True)
    hand_in(segment_round=made.segment_round, by=joined.user)
    assert joined.user_id in counting_scores(made.segment_round).values_list("evaluator", flat=True)
    assert not scoring_state(made.segment_round).late


def test_the_scores_are_not_fixed_while_the_new_member_still_scores():
    made = evaluation(evaluators=2)
    made.to_consensus()
    _seat, joined = replaced(made)
    made.consensus_all(["6", "6"])
    with pytest.raises(RuleViolation):
        fix_scores(segment_round=made.segment_round, by=made.lead)
    score_all(made, joined.user)
    hand_in(segment_round=made.segment_round, by=joined.user)
    made.consensus_all(["8", "8"])
    assert fix_scores(segment_round=made.segment_round, by=made.lead).status == "fixed"


def test_after_a_replacement_the_lead_waits_again():
    """All had handed in, so all was shown; with a new member who still scores it is not."""
    made = evaluation(evaluators=2)
    made.score_all()
    assert lead_access(made.lead, made.segment_round).see_others
    replaced(made)
    assert not lead_access(made.lead, made.segment_round).see_others


def test_a_reason_is_needed_and_somebody_who_is_not_there_yet():
    made = evaluation(evaluators=2)
    seat = CommitteeMember.objects.get(user=made.evaluators[0])
    user = user_with(Role.EVALUATOR, region=made.region)
    for someone, reason, field in (
        (user, " ", "reason"),
        (made.evaluators[1], "Ziek.", "user"),
        (made.lead, "Ziek.", "user"),
    ):
        with pytest.raises(RuleViolation) as refused:
            replace_member(seat=seat, user=someone, reason=reason, by=made.lead)
        assert refused.value.field == field


@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.AUDITOR, Role.ADMIN])
def test_only_the_lead_replaces(role):
    made = evaluation()
    seat = CommitteeMember.objects.get(user=made.evaluators[0])
    with pytest.raises(NotAllowed):
        replace_member(seat=seat, user=made.evaluators[0], reason="Ziek.", by=user_with(role, region=made.region))


def test_once_the_scores_are_fixed_nobody_is_replaced():
    made = evaluation()
    made.to_fixed()
    with pytest.raises(RuleViolation):
        replaced(made)


def test_who_scored_and_left_does_not_come_back_with_old_scores():
    made = evaluation(evaluators=2)
    score_all(made, made.evaluators[0])
    replaced(made)
    with pytest.raises(RuleViolation):
        set_committee(
            segment_round=made.segment_round,
            users=[made.evaluators[0], *(s.user for s in made.segment_round.committee.filter(ended_at=None))],
            by=made.lead,
        )


def test_chair_and_observers_have_a_seat_and_score_nothing():
    made = evaluation()
    chair, looker = (user_with(Role.EVALUATOR, region=made.region) for _ in range(2))
    seats = set_attendants(segment_round=made.segment_round, chair=chair, observers=[looker], by=made.lead)
    assert {seat.user: seat.role for seat in seats} == {chair: SeatRole.CHAIR, looker: SeatRole.OBSERVER}
    no_interest(*seats)
    with pytest.raises(NotAllowed):
        save_score(entry=made.entries[0], criterion=made.criteria[0], value=Decimal(6), reason="Ja.", by=chair)
    swapped = set_attendants(segment_round=made.segment_round, chair=looker, observers=[], by=made.lead)
    assert [(seat.user, seat.role) for seat in swapped] == [(looker, SeatRole.CHAIR)]


def test_one_person_is_not_two_things_at_once():
    made = evaluation()
    chair = user_with(Role.EVALUATOR, region=made.region)
    for people in ({"chair": chair, "observers": [chair]}, {"chair": made.evaluators[0], "observers": []}):
        with pytest.raises(RuleViolation) as refused:
            set_attendants(segment_round=made.segment_round, by=made.lead, **people)
        assert refused.value.field == "chair"


def test_record_consensus_uses_what_counts():
    made = evaluation(evaluators=2, entries=1, criteria=1)
    made.to_consensus()
    record_consensus(entry=made.entries[0], criterion=made.criteria[0], value=Decimal(6), reason="Samen.", by=made.lead)
    assert not stale_consensus(made.segment_round)
