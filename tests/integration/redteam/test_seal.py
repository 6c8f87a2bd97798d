"""Attempts to know too early: whether somebody submitted, how many, or for what price (Aw 2.108)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.errors import RuleViolation
from procurement.domain.proof import digest_of
from procurement.enums import QuestionKind, RoundStatus, Stage
from procurement.models import Answer, CommitteeMember, SegmentRound
from procurement.services.rounds import open_award_round
from tests.factories import CriterionFactory, QuestionFactory, RoundFactory, SegmentRoundFactory, user_with
from tests.factories.evaluation import evaluation
from tests.factories.submissions import open_fair

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("model", "question"),
    [
        ("providers_organisation", "submissions__isnull=0"),
        ("procurement_segment", "entries__isnull=0"),
        ("procurement_segment", "entries__gt=0"),
        ("procurement_segmentround", "draw_seed__startswith=a"),
        ("accounts_user", "password__startswith=md5"),
        ("accounts_user", "scores__isnull=0"),
    ],
)
def test_the_admin_answers_no_questions_that_it_does_not_ask_itself(client, model, question):
    """Django's admin takes any field of the model for a filter, also a related one: an oracle of what is sealed."""
    open_fair().submitted()
    client.force_login(user_with(Role.ADMIN))
    assert client.get(f"{reverse(f'admin:{model}_changelist')}?{question}").status_code == 400


@pytest.mark.parametrize(
    ("model", "question"),
    [
        ("providers_organisation", "legal_form__exact=bv"),
        ("procurement_tender", "status__exact=draft"),
        ("procurement_tender", "region__id__exact=1"),
        ("contracts_contract", "segment__tender__region__id__exact=1"),
        ("contracts_contractterm", "start__year=2026"),
    ],
)
def test_the_filters_of_the_admin_itself_still_work(client, model, question):
    client.force_login(user_with(Role.ADMIN))
    assert client.get(f"{reverse(f'admin:{model}_changelist')}?{question}").status_code == 200


def test_the_leads_page_does_not_count_submissions_before_the_opening(client):
    """Scores to be given = criteria x submissions: seven criteria tell how many there are."""
    fair = open_fair()
    segment_round = SegmentRound.objects.filter(round=fair.round).order_by("pk")[0]
    for _ in range(7):
        CriterionFactory(segment_round=segment_round)
    CommitteeMember.objects.create(segment_round=segment_round, user=user_with(Role.EVALUATOR))
    client.force_login(user_with(Role.LEAD, region=fair.tender.region))
    address = reverse("procurement:segment_round", args=[segment_round.pk])
    assert client.get(address).context["members"][0].asked == 0
    fair.submitted()
    found = client.get(address)
    assert found.context["members"][0].asked == 0
    assert "0 van 0" not in found.content.decode()


@pytest.mark.parametrize("submits", [True, False])
def test_opening_the_award_stage_too_early_does_not_tell_who_submitted(submits):
    """The refusal used to name the segments with candidates, while the vault was still sealed."""
    fair = open_fair()
    RoundFactory(tender=fair.tender, stage=Stage.AWARD, status=RoundStatus.PLANNED, opens_at=None, deadline=None)
    if submits:
        fair.submitted(fair.segments[0])
    with pytest.raises(RuleViolation) as refused:
        open_award_round(tender=fair.tender, deadline=timezone.now() + timedelta(days=60), by=user_with(Role.LEAD))
    assert refused.value.message == "Wacht tot de kluis van de selectiefase is geopend."


def test_the_digest_in_the_opening_record_cannot_be_used_to_guess_a_price():
    """Lead and evaluators read all but the price before the scores are fixed; without a random part they
    could try every price until the digest fits."""
    fair = open_fair()
    manifest = fair.submitted().receipts.get().manifest
    assert len(manifest["nonce"]) >= 32
    assert manifest["nonce"] != fair.submitted().receipts.get().manifest["nonce"]
    assert digest_of({**manifest, "nonce": ""}) != digest_of(manifest)


def test_a_price_for_all_segments_ranks_no_segment_before_all_are_fixed():
    """The ranking and its dossier show the price: the one that the committee of another segment may not know yet."""
    from procurement.services.ranking import request_ranking

    made = evaluation(entries=1, stage=Stage.AWARD, criteria=1)
    CriterionFactory(
        segment_round=made.segment_round, code="P", kind="price", formula="relative_lowest", weight=Decimal(50)
    )
    question = QuestionFactory(round=made.segment_round.round, kind=QuestionKind.PRICE, criterion_code="P")
    submission = made.entries[0].submission
    Answer.objects.create(submission=submission, question=question, number=Decimal(100), changed_by=made.lead)
    other = SegmentRoundFactory(round=made.segment_round.round, status="scoring")
    submission.entries.create(segment=other.segment)
    made.to_fixed()
    with pytest.raises(RuleViolation, match="prijs"):
        request_ranking(segment_round=made.segment_round, by=made.lead)
    SegmentRound.objects.filter(pk=other.pk).update(status="consensus")
    SegmentRound.objects.filter(pk=other.pk).update(status="fixed")
    assert request_ranking(segment_round=made.segment_round, by=made.lead)
