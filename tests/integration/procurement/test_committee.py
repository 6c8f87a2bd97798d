"""Who evaluates: evaluators of the region without a tie to a provider, set by the lead of that region."""

from __future__ import annotations

from decimal import Decimal

import pytest

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import RoleAssignment
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.enums import SegmentRoundStatus
from procurement.models import CommitteeMember
from procurement.selectors.evaluation import seats_of
from procurement.selectors.gate import readable_entries
from procurement.selectors.seats import current_seats
from procurement.services.committee import replace_member
from procurement.services.evaluation import fix_scores, save_score, set_committee
from providers.models import Membership
from tests.factories import OrganisationFactory, RegionFactory, user_with
from tests.factories.evaluation import evaluation

pytestmark = pytest.mark.django_db


def members(made):
    return set(current_seats(made.segment_round).values_list("user_id", flat=True))


def test_the_lead_sets_and_changes_the_committee():
    made = evaluation(evaluators=2)
    third = user_with(Role.EVALUATOR, region=made.region)
    set_committee(segment_round=made.segment_round, users=[made.evaluators[0], third], by=made.lead)
    assert members(made) == {made.evaluators[0].pk, third.pk}
    event = AuditEvent.objects.get(action="procurement.committee.set")
    assert event.actor == made.lead
    assert third.email in event.detail["members"]


def test_somebody_who_works_for_a_provider_is_refused():
    made = evaluation()
    tied = user_with(Role.EVALUATOR, region=made.region)
    Membership.objects.create(organisation=made.entries[0].submission.organisation, user=tied)
    with pytest.raises(RuleViolation) as refused:
        set_committee(segment_round=made.segment_round, users=[tied], by=made.lead)
    assert refused.value.field == "users"
    assert str(tied) in refused.value.message


def test_a_refusal_does_not_tell_who_has_bid():
    """Also a member of an organisation that did not bid is refused, in the same words (Aw 2.108)."""
    made = evaluation(status=SegmentRoundStatus.PENDING)
    messages = []
    for organisation in (made.entries[0].submission.organisation, OrganisationFactory()):
        tied = user_with(Role.EVALUATOR, region=made.region, name="Iemand")
        Membership.objects.create(organisation=organisation, user=tied)
        with pytest.raises(RuleViolation) as refused:
            set_committee(segment_round=made.segment_round, users=[tied], by=made.lead)
        messages.append(refused.value.message)
    assert messages[0] == messages[1]


def test_who_starts_to_work_for_a_bidder_loses_the_seat():
    made = evaluation()
    user = made.evaluators[0]
    assert seats_of(user).exists()
    Membership.objects.create(organisation=made.entries[0].submission.organisation, user=user)
    assert not seats_of(user).exists()
    with pytest.raises(NotAllowed):
        save_score(entry=made.entries[0], criterion=made.criteria[0], value=Decimal(6), reason="Ja.", by=user)


def test_an_evaluator_of_another_region_is_refused():
    made = evaluation()
    stranger = user_with(Role.EVALUATOR, region=RegionFactory())
    with pytest.raises(RuleViolation):
        set_committee(segment_round=made.segment_round, users=[stranger], by=made.lead)


def test_somebody_without_the_role_loses_the_seat():
    made = evaluation()
    user = made.evaluators[0]
    RoleAssignment.objects.filter(user=user).delete()
    assert not seats_of(type(user).objects.get(pk=user.pk)).exists()


def test_an_empty_committee_is_refused():
    made = evaluation()
    with pytest.raises(RuleViolation):
        set_committee(segment_round=made.segment_round, users=[], by=made.lead)


@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.AUDITOR, Role.ADMIN, Role.OPENER])
def test_only_the_lead_sets_it(role):
    made = evaluation()
    with pytest.raises(NotAllowed):
        set_committee(segment_round=made.segment_round, users=made.evaluators, by=user_with(role, region=made.region))


def test_the_lead_of_another_region_does_not():
    made = evaluation()
    with pytest.raises(NotAllowed):
        set_committee(
            segment_round=made.segment_round,
            users=made.evaluators,
            by=user_with(Role.LEAD, region=RegionFactory()),
        )


def test_a_member_who_gave_scores_stays():
    made = evaluation()
    user = made.evaluators[0]
    save_score(entry=made.entries[0], criterion=made.criteria[0], value=Decimal(6), reason="Ja.", by=user)
    with pytest.raises(RuleViolation) as refused:
        set_committee(segment_round=made.segment_round, users=made.evaluators[1:], by=made.lead)
    assert str(user) in refused.value.message
    assert user.pk in members(made)


def test_the_committee_stands_once_the_scoring_is_closed():
    made = evaluation()
    made.to_consensus()
    with pytest.raises(RuleViolation):
        set_committee(segment_round=made.segment_round, users=made.evaluators, by=made.lead)


def test_the_page_keeps_the_choice_and_says_what_is_wrong(client):
    made = evaluation(status=SegmentRoundStatus.PENDING)
    client.force_login(made.lead)
    page = f"/inkoop/beoordeling/{made.segment_round.pk}/"
    response = client.post(f"{page}commissie/", {})
    assert "Kies ten minste één beoordelaar" in response.content.decode()
    response = client.post(f"{page}commissie/", {"users": [made.evaluators[0].pk]})
    assert response.status_code == 302
    assert members(made) == {made.evaluators[0].pk}


def test_who_starts_to_work_for_a_subcontractor_or_any_provider_loses_the_seat_too():
    made = evaluation()
    user = made.evaluators[0]
    Membership.objects.create(organisation=OrganisationFactory(), user=user)
    assert not seats_of(user).exists()
    assert not readable_entries(user).exists()


def test_scores_are_not_fixed_on_those_of_somebody_who_works_for_a_provider_now():
    made = evaluation()
    made.to_consensus()
    made.consensus_all(["6", "6"])
    user = made.evaluators[0]
    Membership.objects.create(organisation=OrganisationFactory(), user=user)
    with pytest.raises(RuleViolation, match="werkt nu voor een aanbieder"):
        fix_scores(segment_round=made.segment_round, by=made.lead)
    seat = CommitteeMember.objects.get(user=user)
    new = user_with(Role.EVALUATOR, region=made.region)
    replace_member(seat=seat, user=new, reason="Werkt nu elders.", by=made.lead)
    with pytest.raises(RuleViolation, match="inleveren"):
        fix_scores(segment_round=made.segment_round, by=made.lead)
