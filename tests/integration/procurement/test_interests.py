"""Interests (Aw 1.10b, 2.132): no bid is seen before it is declared; an interest takes it away; changes ask again."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.enums import Interest, SeatRole, SegmentRoundStatus
from procurement.models import Assignment, CommitteeMember, InterestDeclaration
from procurement.selectors.basis import counting_scores
from procurement.selectors.evaluation import entries_to_score
from procurement.selectors.gate import readable_entries
from procurement.selectors.parties import parties_of
from procurement.services.assignment import divide
from procurement.services.evaluation import save_score
from procurement.services.interests import PartyInterest, ask_again_everywhere, declare_interests
from procurement.services.ranking import rank_segment
from procurement.services.recompute import compare
from providers.models import ConsortiumMember, Membership
from tests.factories import ConsortiumFactory, OrganisationFactory, user_with
from tests.factories.contracts import ContractFactory, SubcontractorFactory
from tests.factories.evaluation import evaluation, no_interest, seated

pytestmark = pytest.mark.django_db


def kvk(entry) -> str:
    return entry.submission.organisation.kvk_number


def newcomer(made, role=SeatRole.MEMBER) -> CommitteeMember:
    user = user_with(Role.EVALUATOR, region=made.region, name="Nieuw Lid")
    return CommitteeMember.objects.create(segment_round=made.segment_round, user=user, role=role)


def declare(seat, **interests):
    return declare_interests(
        segment_round=seat.segment_round,
        interests={number: PartyInterest(*about) for number, about in interests.items()},
        by=seat.user,
    )


@pytest.mark.parametrize("role", SeatRole.values)
def test_nothing_is_read_before_it_is_declared(role):
    made = evaluation(entries=3)
    seat = newcomer(made, role)
    assert not readable_entries(seat.user).exists()
    declare(seat)
    assert readable_entries(seat.user).count() == 3
    assert entries_to_score(seat).count() == (3 if role == SeatRole.MEMBER else 0)


def test_an_interest_takes_that_bid_away_and_no_other():
    made = evaluation(entries=3)
    seat = newcomer(made)
    tied = made.entries[1]
    declare(seat, **{kvk(tied): (Interest.FAMILY, "Mijn zus werkt er.")})
    assert set(readable_entries(seat.user)) == set(made.entries) - {tied}
    assert tied not in entries_to_score(seat)
    held = InterestDeclaration.objects.get(seat=seat, entry=tied)
    assert held.interest == Interest.FAMILY
    assert "Mijn zus werkt er." in held.explanation
    event = AuditEvent.objects.get(action="procurement.interests.declared")
    assert event.actor == seat.user
    assert [found["bid"] for found in event.detail["interests"]] == [tied.submission.number]
    assert len(event.detail["none"]) == 2


def test_an_interest_in_a_consortium_member_takes_the_bid_away():
    made = evaluation(entries=2)
    consortium = ConsortiumFactory(lead=made.entries[0].submission.organisation)
    partner = OrganisationFactory(name="Zorg Partner")
    ConsortiumMember.objects.create(consortium=consortium, organisation=partner)
    seat = newcomer(made)
    declare(seat, **{partner.kvk_number: (Interest.EMPLOYMENT, "Ik werkte er tot vorig jaar.")})
    assert list(readable_entries(seat.user)) == [made.entries[1]]


@pytest.mark.parametrize(("interest", "explanation"), [("family", " "), ("none", "Niets."), ("iets", "Wat dan?")])
def test_an_interest_needs_its_kind_and_an_explanation(interest, explanation):
    made = evaluation()
    seat = newcomer(made)
    with pytest.raises(RuleViolation) as refused:
        declare(seat, **{kvk(made.entries[0]): (interest, explanation)})
    assert refused.value.field
    assert not seat.declarations.exists()


def test_a_party_that_is_not_there_is_refused():
    made = evaluation()
    with pytest.raises(RuleViolation):
        declare(newcomer(made), **{"99999999": ("family", "Mijn zus.")})


def test_an_interest_found_out_later_stops_the_scores_from_counting():
    made = evaluation(entries=2, evaluators=2)
    user = made.evaluators[0]
    seat = CommitteeMember.objects.get(user=user)
    for entry in made.entries:
        save_score(entry=entry, criterion=made.criteria[0], value=Decimal(6), reason="Goed.", by=user)
    declare(seat, **{kvk(made.entries[0]): (Interest.OTHER, "Mijn buurman blijkt bestuurder.")})
    assert [score.entry for score in counting_scores(made.segment_round)] == [made.entries[1]]
    assert seat.declarations.filter(entry=made.entries[0]).count() == 2
    assert user.scores.count() == 2


def test_an_interest_once_declared_is_not_taken_back():
    made = evaluation()
    seat = newcomer(made)
    declare(seat, **{kvk(made.entries[0]): (Interest.FAMILY, "Mijn zus.")})
    declare(seat)
    assert made.entries[0] not in readable_entries(seat.user)


def test_the_bid_goes_to_who_has_the_fewest():
    made = evaluation(entries=6, evaluators=3)
    divide(segment_round=made.segment_round, per_bid=2, seed="zaad", by=made.lead)
    seat = CommitteeMember.objects.get(user=made.evaluators[0])
    tied = entries_to_score(seat)[0]
    declare(seat, **{kvk(tied): (Interest.SHAREHOLDING, "Ik heb er aandelen in.")})
    assert Assignment.objects.filter(entry=tied).count() == 2
    assert not Assignment.objects.filter(entry=tied, seat=seat).exists()
    moved = AuditEvent.objects.get(action="procurement.interests.declared").detail["given_to"]
    assert moved == {tied.submission.number: Assignment.objects.order_by("pk").last().seat.user.email}


def test_a_change_in_the_parties_asks_again():
    made = evaluation(entries=2, evaluators=2)
    user = made.evaluators[0]
    assert ask_again_everywhere() == 0
    consortium = ConsortiumFactory(lead=made.entries[0].submission.organisation)
    ConsortiumMember.objects.create(consortium=consortium, organisation=OrganisationFactory())
    assert list(readable_entries(user)) == [made.entries[1]], "at once, not when the clock comes round"
    assert ask_again_everywhere() == 2
    assert ask_again_everywhere() == 0
    assert list(readable_entries(user)) == [made.entries[1]]
    event = AuditEvent.objects.get(action="procurement.interests.asked_again")
    assert event.detail["bids"] == [made.entries[0].submission.number]
    declare(CommitteeMember.objects.get(user=user))
    assert readable_entries(user).count() == 2


def test_the_parties_of_many_bids_in_a_fixed_number_of_queries(django_assert_num_queries):
    made = evaluation(entries=2)
    many = evaluation(entries=9)
    for entry in many.entries:
        ConsortiumFactory(lead=entry.submission.organisation)
    for entries in (made.entries, many.entries):
        with django_assert_num_queries(5):
            parties_of(entries)


def test_who_works_for_a_consortium_member_of_a_bidder_loses_the_seat():
    made = evaluation()
    user = made.evaluators[0]
    consortium = ConsortiumFactory(lead=made.entries[0].submission.organisation)
    partner = OrganisationFactory()
    ConsortiumMember.objects.create(consortium=consortium, organisation=partner)
    Membership.objects.create(organisation=partner, user=user)
    assert not readable_entries(user).exists()
    with pytest.raises(NotAllowed):
        declare_interests(segment_round=made.segment_round, interests={}, by=user)


def test_before_the_opening_there_is_nothing_to_declare():
    made = evaluation(status=SegmentRoundStatus.PENDING)
    with pytest.raises(NotAllowed):
        declare_interests(segment_round=made.segment_round, interests={}, by=made.evaluators[0])


def test_a_seat_that_ended_reads_nothing():
    made = evaluation()
    seat = seated(made.segment_round, user_with(Role.EVALUATOR, region=made.region))
    no_interest(seat)
    assert readable_entries(seat.user).exists()
    CommitteeMember.objects.filter(pk=seat.pk).update(ended_at=seat.since, end_reason="Weg.")
    assert not readable_entries(seat.user).exists()


def hire(contractor, organisation, **fields):
    contract = ContractFactory(contractor=contractor)
    return SubcontractorFactory(contract=contract, organisation=organisation, start=timezone.localdate(), **fields)


@pytest.mark.parametrize("through", ["bidder", "consortium"])
def test_a_subcontractor_that_joins_takes_the_bid_out_of_sight_at_once(through):
    made = evaluation(entries=2, evaluators=1)
    user, bidder = made.evaluators[0], made.entries[0].submission.organisation
    contractor = bidder
    if through == "consortium":
        contractor = OrganisationFactory()
        consortium = ConsortiumFactory(lead=bidder)
        ConsortiumMember.objects.create(consortium=consortium, organisation=contractor)
        declare(CommitteeMember.objects.get(user=user))
    assert readable_entries(user).count() == 2
    hire(contractor, OrganisationFactory())
    assert list(readable_entries(user)) == [made.entries[1]]
    with pytest.raises(NotAllowed):
        save_score(entry=made.entries[0], criterion=made.criteria[0], value=Decimal(6), reason="Goed.", by=user)
    declare(CommitteeMember.objects.get(user=user))
    assert readable_entries(user).count() == 2
    events = AuditEvent.objects.filter(action="procurement.interests.asked_again")
    assert events.order_by("id").last().detail["bids"] == [made.entries[0].submission.number]
    assert ask_again_everywhere() == 0, "it was told already"


def test_a_party_that_was_declared_about_asks_nothing_again():
    made = evaluation(entries=1, evaluators=1)
    user, bidder = made.evaluators[0], made.entries[0].submission.organisation
    partner = OrganisationFactory()
    consortium = ConsortiumFactory(lead=bidder)
    ConsortiumMember.objects.create(consortium=consortium, organisation=partner)
    declare(CommitteeMember.objects.get(user=user))
    other = ConsortiumFactory(lead=bidder)
    ConsortiumMember.objects.create(consortium=other, organisation=partner)
    assert readable_entries(user).exists()


def test_a_consortium_that_gets_another_lead_asks_again_about_that_bidder():
    made = evaluation(entries=1, evaluators=1)
    consortium = ConsortiumFactory(lead=OrganisationFactory())
    ConsortiumMember.objects.create(consortium=consortium, organisation=OrganisationFactory())
    consortium.lead = made.entries[0].submission.organisation
    consortium.save()
    assert not readable_entries(made.evaluators[0]).exists()


def test_being_asked_again_gives_no_bid_back():
    """An interest stays declared when another party joins: the member's own word does not lift it."""
    made = evaluation(entries=2)
    seat = newcomer(made)
    declare(seat, **{kvk(made.entries[0]): (Interest.FAMILY, "Mijn zus.")})
    consortium = ConsortiumFactory(lead=made.entries[0].submission.organisation)
    ConsortiumMember.objects.create(consortium=consortium, organisation=OrganisationFactory())
    ask_again_everywhere()
    declare(seat)
    assert made.entries[0] not in readable_entries(seat.user)


def test_another_seat_gives_no_bid_back():
    made = evaluation(entries=2)
    seat = newcomer(made)
    declare(seat, **{kvk(made.entries[0]): (Interest.FAMILY, "Mijn zus.")})
    CommitteeMember.objects.filter(pk=seat.pk).update(ended_at=seat.since, end_reason="Weg.")
    again = CommitteeMember.objects.create(segment_round=made.segment_round, user=seat.user)
    declare(again)
    assert list(readable_entries(seat.user)) == [made.entries[1]]
    assert "Mijn zus." in again.declarations.get(entry=made.entries[0]).explanation


def test_an_interest_that_comes_out_after_the_ranking_is_recorded_and_raises_no_false_alarm():
    made = evaluation(entries=2, evaluators=2)
    made.to_fixed(("8", "6"))
    ranking = rank_segment(segment_round=made.segment_round, by=made.lead)
    seat = CommitteeMember.objects.get(user=made.evaluators[0])
    declare(seat, **{kvk(made.entries[0]): (Interest.OTHER, "Mijn buurman blijkt bestuurder.")})
    assert seat.declarations.filter(entry=made.entries[0], interest=Interest.OTHER).exists()
    assert made.entries[0] not in readable_entries(seat.user)
    assert compare(ranking) == []
    assert rank_segment(segment_round=made.segment_round, by=made.lead) == ranking
