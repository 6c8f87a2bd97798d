"""Attempts to see scores while others still score alone, and to judge with other people than were announced."""

from __future__ import annotations

from decimal import Decimal

import pytest

from achterhoek.accounts.enums import Role
from achterhoek.accounts.services import grant_role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import RuleViolation
from procurement.selectors.evaluation import lead_access
from procurement.services.evaluation import close_scoring, hand_in, save_score, set_committee
from tests.factories import OrganisationFactory, RegionFactory, member_of, user_with
from tests.factories.evaluation import evaluation

pytestmark = pytest.mark.django_db


def score_and_hand_in(made, user) -> None:
    for entry in made.entries:
        for criterion in made.criteria:
            save_score(entry=entry, criterion=criterion, value=Decimal(6), reason="Goed.", by=user)
    hand_in(segment_round=made.segment_round, by=user)


def test_the_lead_cannot_look_by_leaving_out_who_still_scores():
    """One has handed in; with the others off the committee for a moment, 'all' would have."""
    made = evaluation(evaluators=3)
    first = made.evaluators[0]
    score_and_hand_in(made, first)
    with pytest.raises(RuleViolation, match="ingeleverd"):
        set_committee(segment_round=made.segment_round, users=[first], by=made.lead)
    assert not lead_access(made.lead, made.segment_round).see_others


def test_nobody_joins_after_the_scores_were_shown():
    made = evaluation(evaluators=1)
    score_and_hand_in(made, made.evaluators[0])
    assert lead_access(made.lead, made.segment_round).see_others
    late = user_with(Role.EVALUATOR, region=made.region)
    with pytest.raises(RuleViolation, match="ingeleverd"):
        set_committee(segment_round=made.segment_round, users=[*made.evaluators, late], by=made.lead)


def test_a_member_can_still_be_added_while_others_score():
    made = evaluation(evaluators=2)
    score_and_hand_in(made, made.evaluators[0])
    third = user_with(Role.EVALUATOR, region=made.region)
    assert len(set_committee(segment_round=made.segment_round, users=[*made.evaluators, third], by=made.lead)) == 3


def test_another_number_of_evaluators_than_announced_needs_a_reason():
    """A tenderer may count on the announced number of evaluators; a departure from it is on file."""
    made = evaluation(evaluators=2)
    made.segment_round.round.tender.evaluators_announced = 3
    made.segment_round.round.tender.save()
    made.score_all()
    with pytest.raises(RuleViolation) as refused:
        close_scoring(segment_round=made.segment_round, by=made.lead)
    assert refused.value.field == "reason"
    close_scoring(segment_round=made.segment_round, by=made.lead, reason="Een lid is ziek geworden.")
    detail = AuditEvent.objects.get(action="procurement.segmentround.close_scoring").detail
    assert (detail["members"], detail["announced"], detail["reason"]) == (2, 3, "Een lid is ziek geworden.")


@pytest.mark.parametrize("role", [Role.LEAD, Role.EVALUATOR, Role.OPENER, Role.AUDITOR, Role.CLM, Role.ADMIN])
def test_who_works_for_a_provider_gets_no_role_of_the_municipalities(role):
    """Nobody stands on both sides of a tender (Aw 1.10b): a bidder who is auditor reads the bids of others."""
    bidder = member_of(OrganisationFactory())
    with pytest.raises(RuleViolation, match="aanbieder"):
        grant_role(user=bidder, role=role, by=user_with(Role.ADMIN))
    assert not bidder.role_assignments.filter(role=role).exists()


def test_the_admin_says_so_beside_the_field(client):
    bidder = member_of(OrganisationFactory())
    client.force_login(user_with(Role.ADMIN))
    answer = client.post("/beheer/accounts/roleassignment/add/", {"user": bidder.pk, "role": "auditor"})
    assert answer.status_code == 200
    assert "user" in answer.context["adminform"].form.errors


def test_the_log_says_where_a_role_holds():
    region = RegionFactory()
    user = user_with(Role.EVALUATOR)
    grant_role(user=user, role=Role.LEAD, region=region, by=user_with(Role.ADMIN))
    assert AuditEvent.objects.get(action="accounts.role.granted").detail == {"role": "lead", "region": region.slug}
