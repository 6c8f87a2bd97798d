"""The lead's pages: its own tenders, the step of each, and the form of that step; the auditor looks."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.clock import database_today
from procurement.domain.progress import Step
from procurement.enums import Stage, TenderStatus
from procurement.models import Criterion, Tender
from procurement.selectors.publication import earliest_deadline
from tests.factories import RegionFactory, RoundFactory, SegmentRoundFactory, TenderFactory, submitted_entry, user_with
from tests.factories.loaded import draft_tender

pytestmark = pytest.mark.django_db


@pytest.fixture
def tender(tmp_path: Path) -> Tender:
    return draft_tender(tmp_path)


@pytest.fixture
def lead(client: Client, tender: Tender) -> Any:
    user = user_with(Role.LEAD, region=tender.region)
    client.force_login(user)
    return user


def typed(days: int = 0) -> str:
    day = earliest_deadline(Stage.SELECTION, database_today()) + timedelta(days=days)
    return datetime.combine(day, time(12)).strftime("%Y-%m-%dT%H:%M")


def test_the_lead_publishes_through_the_page(client: Client, tender: Tender, lead: Any) -> None:
    answer = client.post(reverse("procurement:tender_publish", args=[tender.slug]), {"deadline": typed()}, follow=True)
    tender.refresh_from_db()
    assert tender.status == TenderStatus.PUBLISHED
    assert "De aanbesteding is gepubliceerd" in answer.content.decode()
    deadline = tender.rounds.get(stage=Stage.SELECTION).deadline
    assert deadline is not None
    assert timezone.localtime(deadline).strftime("%Y-%m-%dT%H:%M") == typed()


def test_what_was_typed_stays_and_the_fault_stands_beside_it(client: Client, tender: Tender, lead: Any) -> None:
    Criterion.objects.filter(code="S1").update(weight=45)
    answer = client.post(reverse("procurement:tender_publish", args=[tender.slug]), {"deadline": typed(-3)})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert typed(-3) in page
    assert answer.context["form"].errors["deadline"]
    assert "105" in str(answer.context["form"].non_field_errors())
    empty = client.post(reverse("procurement:tender_publish", args=[tender.slug]), {"deadline": "morgen"})
    assert "Vul een dag en een tijd in" in empty.content.decode()


def test_the_page_tells_beforehand_what_is_lacking(client: Client, tender: Tender, lead: Any) -> None:
    Criterion.objects.filter(code="S1").update(weight=45)
    page = client.get(reverse("procurement:lead_tender", args=[tender.slug])).content.decode()
    assert "kan nog niet worden gepubliceerd" in page


def test_the_award_form_comes_when_the_selection_is_told(client: Client, tender: Tender, lead: Any) -> None:
    """Nobody asked for a segment, so nothing waits for a decision; and nobody can be invited."""
    running = TenderFactory(region=tender.region)
    RoundFactory(tender=running, vault_opened=True)
    RoundFactory(tender=running, stage=Stage.AWARD, status="planned", opens_at=None, deadline=None)
    address = reverse("procurement:award_round_open", args=[running.slug])
    assert address in client.get(reverse("procurement:lead_tender", args=[running.slug])).content.decode()
    refused = client.post(address, {"deadline": typed(60)})
    assert "Niemand" in str(refused.context["form"].errors)


def test_the_auditor_looks_and_changes_nothing(client: Client, tender: Tender) -> None:
    client.force_login(user_with(Role.AUDITOR))
    page = client.get(reverse("procurement:lead_tender", args=[tender.slug]))
    assert page.status_code == 200
    assert reverse("procurement:tender_publish", args=[tender.slug]) not in page.content.decode()
    assert client.post(reverse("procurement:tender_publish", args=[tender.slug])).status_code == 403
    entry = client.get(reverse("audit:log")).content.decode()
    assert reverse("procurement:lead_tender", args=[tender.slug]) in entry


def test_a_tender_of_another_region_is_not_found(client: Client, tender: Tender) -> None:
    client.force_login(user_with(Role.LEAD, region=RegionFactory()))
    for name in ("lead_tender", "tender_publish", "award_round_open", "tender_complete"):
        address = reverse(f"procurement:{name}", args=[tender.slug])
        answer = client.get(address) if name == "lead_tender" else client.post(address, {"deadline": typed()})
        assert answer.status_code == 404
    assert tender.title not in client.get(reverse("procurement:lead_home")).content.decode()


def test_before_the_vault_is_open_the_page_does_not_know_whether_anybody_takes_part(
    client: Client, tender: Tender, lead: Any
) -> None:
    running = TenderFactory(region=tender.region)
    rules = SegmentRoundFactory(round=RoundFactory(tender=running), segment__tender=running)
    before = client.get(reverse("procurement:lead_tender", args=[running.slug])).content
    entry = submitted_entry(rules)
    page = client.get(reverse("procurement:lead_tender", args=[running.slug]))
    assert page.context["page"].line.step == Step.REQUESTS
    assert entry.submission.organisation.name not in page.content.decode()
    assert len(page.content) == len(before)


def test_the_steps_follow_the_state(client: Client, tender: Tender, lead: Any) -> None:
    running = TenderFactory(region=tender.region)
    rules = SegmentRoundFactory(round=RoundFactory(tender=running, vault_opened=True), segment__tender=running)
    submitted_entry(rules)
    lines = {line.tender.slug: line for line in client.get("/inkoop/").context["lines"]}
    assert lines[running.slug].step == Step.SELECTION_SCORING
    assert lines[tender.slug].step == Step.PREPARE
    assert {line.tender.is_history for line in lines.values()} == {False}


def test_the_lists_take_a_fixed_number_of_queries(
    client: Client, tender: Tender, lead: Any, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(10):
        client.get("/inkoop/")
    for _number in range(3):
        SegmentRoundFactory(round__tender__region=tender.region)
    with django_assert_num_queries(10):
        client.get("/inkoop/")


def test_a_completed_tender_cannot_be_completed_again(client: Client, tender: Tender, lead: Any) -> None:
    running = TenderFactory(region=tender.region)
    answer = client.post(reverse("procurement:tender_complete", args=[running.slug]), follow=True)
    assert "nog geen definitief gunningsbesluit" in answer.content.decode()
