"""The lead divides the bids from a seed, and by hand; each member then reads and scores the own bids only."""

from __future__ import annotations

from decimal import Decimal

import pytest

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.domain import assignment as rule
from procurement.enums import SegmentRoundStatus
from procurement.models import Assignment, CommitteeMember
from procurement.selectors.gate import readable_entries
from procurement.services.assignment import assign_by_hand, divide, undivide
from procurement.services.evaluation import hand_in, save_score
from procurement.services.interests import PartyInterest, declare_interests
from tests.factories import user_with
from tests.factories.evaluation import evaluation

pytestmark = pytest.mark.django_db


def seats(made):
    return list(CommitteeMember.objects.filter(segment_round=made.segment_round).order_by("pk"))


def test_each_bid_has_its_number_and_nobody_reads_the_bids_of_another():
    made = evaluation(entries=7, evaluators=3)
    found = divide(segment_round=made.segment_round, per_bid=2, seed="zaad", by=made.lead)
    assert found.evaluators_per_bid == 2
    assert all(entry.assignments.count() == 2 for entry in made.entries)
    loads = [seat.assignments.count() for seat in seats(made)]
    assert max(loads) - min(loads) <= 1
    for seat in seats(made):
        assert set(readable_entries(seat.user)) == {given.entry for given in seat.assignments.all()}


def test_the_division_on_file_can_be_replayed_with_its_seed():
    made = evaluation(entries=5, evaluators=3)
    divide(segment_round=made.segment_round, per_bid=2, by=made.lead)
    event = AuditEvent.objects.get(action="procurement.assignment.divided")
    again = rule.divide(
        bids=list(event.detail["bids"]), members=[user.email for user in made.evaluators], per_bid=2,
        seed=event.detail["seed"],
    )  # fmt: skip
    assert {bid: sorted(found) for bid, found in again.members_of.items()} == event.detail["bids"]


def test_a_declared_interest_is_never_given():
    made = evaluation(entries=4, evaluators=2)
    tied = made.entries[0]
    declare_interests(
        segment_round=made.segment_round,
        interests={tied.submission.organisation.kvk_number: PartyInterest("family", "Mijn zus.")},
        by=made.evaluators[0],
    )
    divide(segment_round=made.segment_round, per_bid=2, seed="", by=made.lead)
    assert [given.seat.user for given in tied.assignments.all()] == [made.evaluators[1]]
    with pytest.raises(RuleViolation):
        assign_by_hand(segment_round=made.segment_round, entry=tied, seats=seats(made), by=made.lead)


def test_by_hand():
    made = evaluation(entries=2, evaluators=3)
    first = seats(made)[0]
    with pytest.raises(RuleViolation):
        assign_by_hand(segment_round=made.segment_round, entry=made.entries[0], seats=[first], by=made.lead)
    divide(segment_round=made.segment_round, per_bid=2, seed="zaad", by=made.lead)
    assign_by_hand(segment_round=made.segment_round, entry=made.entries[0], seats=[first], by=made.lead)
    assert [given.seat for given in made.entries[0].assignments.all()] == [first]
    assert AuditEvent.objects.get(action="procurement.assignment.by_hand").detail["after"] == [first.user.email]
    with pytest.raises(RuleViolation):
        assign_by_hand(segment_round=made.segment_round, entry=made.entries[0], seats=[], by=made.lead)


def test_who_has_scored_a_bid_keeps_it():
    made = evaluation(entries=3, evaluators=2)
    user = made.evaluators[0]
    for entry in made.entries:
        save_score(entry=entry, criterion=made.criteria[0], value=Decimal(6), reason="Goed.", by=user)
    divide(segment_round=made.segment_round, per_bid=1, seed="zaad", by=made.lead)
    mine, other = seats(made)
    assert mine.assignments.count() == 3
    with pytest.raises(RuleViolation):
        assign_by_hand(segment_round=made.segment_round, entry=made.entries[0], seats=[other], by=made.lead)


@pytest.mark.parametrize("per_bid", [0, 3])
def test_a_number_that_cannot_be_is_refused(per_bid):
    made = evaluation(evaluators=2)
    with pytest.raises(RuleViolation) as refused:
        divide(segment_round=made.segment_round, per_bid=per_bid, by=made.lead)
    assert refused.value.field == "per_bid"


def test_after_somebody_handed_in_only_by_hand():
    made = evaluation(evaluators=2)
    made.score_all(evaluators=made.evaluators[:1])
    with pytest.raises(RuleViolation):
        divide(segment_round=made.segment_round, per_bid=1, by=made.lead)
    with pytest.raises(RuleViolation):
        undivide(segment_round=made.segment_round, by=made.lead)


def test_undone_everybody_scores_all_again():
    made = evaluation(entries=3, evaluators=2)
    divide(segment_round=made.segment_round, per_bid=1, by=made.lead)
    undivide(segment_round=made.segment_round, by=made.lead)
    assert not Assignment.objects.exists()
    assert readable_entries(made.evaluators[0]).count() == 3


def test_a_member_hands_in_the_own_bids_only():
    made = evaluation(entries=4, evaluators=2)
    divide(segment_round=made.segment_round, per_bid=1, seed="zaad", by=made.lead)
    mine, other = seats(made)
    theirs = other.assignments.first().entry
    with pytest.raises(NotAllowed):
        save_score(entry=theirs, criterion=made.criteria[0], value=Decimal(6), reason="Ja.", by=mine.user)
    for given in mine.assignments.all():
        for criterion in made.criteria:
            save_score(entry=given.entry, criterion=criterion, value=Decimal(6), reason="Ja.", by=mine.user)
    assert hand_in(segment_round=made.segment_round, by=mine.user).handed_in_at


@pytest.mark.parametrize("status", [SegmentRoundStatus.PENDING, SegmentRoundStatus.CONSENSUS])
def test_only_while_it_is_scored(status):
    made = evaluation(status=status)
    with pytest.raises(RuleViolation):
        divide(segment_round=made.segment_round, per_bid=1, by=made.lead)


@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.AUDITOR])
def test_only_the_lead_divides(role):
    made = evaluation()
    with pytest.raises(NotAllowed):
        divide(segment_round=made.segment_round, per_bid=1, by=user_with(role, region=made.region))
