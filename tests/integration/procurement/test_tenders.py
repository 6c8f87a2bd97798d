"""Publishing: by the lead alone, complete or not at all, and never with a deadline that is too short."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.clock import database_today
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.enums import RoundStatus, Stage, TenderStatus
from procurement.models import Criterion, Participation, Question, Round, SegmentRound, Tender
from procurement.selectors.publication import earliest_deadline, relative_price_warning
from procurement.services.tenders import PublicationRefused, complete_tender, publish_tender
from tests.factories import (
    CriterionFactory,
    RegionFactory,
    RequirementFactory,
    SegmentRoundFactory,
    TenderFactory,
    user_with,
)
from tests.factories.loaded import draft_tender

pytestmark = pytest.mark.django_db


@pytest.fixture
def tender(tmp_path: Path) -> Tender:
    return draft_tender(tmp_path)


@pytest.fixture
def lead(tender: Tender) -> Any:
    return user_with(Role.LEAD, region=tender.region)


def on_time(stage: str = Stage.SELECTION, days: int = 0) -> datetime:
    """Noon of the first day the law allows (and so many days after it)."""
    day = earliest_deadline(stage, database_today()) + timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, time(12)))


def test_the_lead_publishes_and_the_selection_stage_opens(tender: Tender, lead: Any) -> None:
    deadline = on_time()
    publish_tender(tender=tender, deadline=deadline, by=lead)
    selection = tender.rounds.get(stage=Stage.SELECTION)
    assert tender.status == TenderStatus.PUBLISHED
    assert tender.published_at == selection.opens_at
    assert (selection.status, selection.deadline) == (RoundStatus.OPEN, deadline)
    assert tender.rounds.get(stage=Stage.AWARD).status == RoundStatus.PLANNED
    actions = AuditEvent.objects.filter(actor=lead).values_list("action", flat=True)
    assert set(actions) == {"procurement.tender.publish", "procurement.round.open"}


def test_the_deadline_is_thirty_days_or_more_after_today(tender: Tender, lead: Any) -> None:
    """Aw 2.71(2); a flag in the tender's own content does not shorten it."""
    Tender.objects.filter(pk=tender.pk).update(content={**tender.content, "skip_deadline": True, "accelerated": True})
    assert on_time().date() >= database_today() + timedelta(days=30)
    with pytest.raises(PublicationRefused) as caught:
        publish_tender(tender=tender, deadline=on_time(days=-1), by=lead)
    assert [problem.field for problem in caught.value.problems] == ["deadline"]
    assert str(earliest_deadline(Stage.SELECTION, database_today()).year) in caught.value.message


def test_a_tender_without_a_deadline_is_not_published(tender: Tender, lead: Any) -> None:
    with pytest.raises(PublicationRefused):
        publish_tender(tender=tender, by=lead)
    assert not Round.objects.exclude(status=RoundStatus.PLANNED).exists()


def test_all_that_is_wrong_is_told_at_once(tender: Tender, lead: Any) -> None:
    Criterion.objects.filter(code="S1").update(weight=45)
    Tender.objects.filter(pk=tender.pk).update(framework_motivation=" ")
    Question.objects.filter(round__stage=Stage.AWARD).delete()
    Participation.objects.filter(segment__slug="wmo-logeren").update(participates=False)
    SegmentRound.objects.filter(segment__slug="wmo-wonen", round__stage=Stage.AWARD).delete()
    SegmentRound.objects.filter(segment__slug="hoog-complex", round__stage=Stage.AWARD).update(places=10)
    tender.refresh_from_db()
    with pytest.raises(PublicationRefused) as caught:
        publish_tender(tender=tender, deadline=on_time(days=-5), by=lead)
    texts = " ".join(problem.message for problem in caught.value.problems)
    assert len(caught.value.problems) == 7
    for words in ("105", "vier jaar", "vraag", "Wmo Logeren", "Wmo Wonen", "10 contracten", "te vroeg"):
        assert words in texts
    tender.refresh_from_db()
    assert tender.status == TenderStatus.DRAFT


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OPENER, Role.ADMIN, Role.PROVIDER, Role.EVALUATOR])
def test_nobody_but_the_lead_publishes(tender: Tender, role: str) -> None:
    with pytest.raises(NotAllowed):
        publish_tender(tender=tender, deadline=on_time(), by=user_with(role))


def test_a_lead_of_another_region_may_not(tender: Tender) -> None:
    with pytest.raises(NotAllowed):
        publish_tender(tender=tender, deadline=on_time(), by=user_with(Role.LEAD, region=RegionFactory()))


def test_publishing_twice_is_refused_and_the_deadline_stays(tender: Tender, lead: Any) -> None:
    publish_tender(tender=tender, deadline=on_time(), by=lead)
    with pytest.raises(RuleViolation):
        publish_tender(tender=tender, deadline=on_time(days=30), by=lead)
    assert tender.rounds.get(stage=Stage.SELECTION).deadline == on_time()


def test_another_procedure_cannot_be_run_here(tender: Tender, lead: Any) -> None:
    Tender.objects.filter(pk=tender.pk).update(procedure="open_house")
    with pytest.raises(PublicationRefused, match="voorselectie"):
        publish_tender(tender=tender, deadline=on_time(), by=lead)


def test_a_tender_is_not_completed_before_its_awards_are_final(tender: Tender, lead: Any) -> None:
    publish_tender(tender=tender, deadline=on_time(), by=lead)
    with pytest.raises(RuleViolation, match="Wmo Logeren"):
        complete_tender(tender=tender, by=lead)


def test_a_relative_price_formula_is_warned_about(tender: Tender) -> None:
    assert relative_price_warning(tender) == ""
    Criterion.objects.filter(code="P").update(formula="relative_lowest")
    assert "laagste prijs" in relative_price_warning(tender)


# The public pages ---------------------------------------------------------------------------------


def test_the_page_shows_what_is_bought_by_whom_when_and_how_it_is_judged(
    client: Client, tender: Tender, lead: Any
) -> None:
    publish_tender(tender=tender, deadline=on_time(), by=lead)
    page = client.get(reverse("procurement:tender", args=["inkoop-2022"])).content.decode()
    for words in (
        "Hoog Specialistische Jeugdhulp",  # a former name
        "Voorlopig",  # funding that is not certain
        "Oude IJsselstreek koopt ambulante jeugdhulp in via een eigen traject.",
        "Alleen een scenario",
        "begin februari 2021",  # as precise as the source
        "Voorbehoud:",
        "Kennis en deskundigheid",
        "Het antwoord is goed, concreet en onderbouwd met resultaten.",
        "Verklaring omtrent het gedrag",
        reverse("procurement:submission_start", args=["inkoop-2022"]),
    ):
        assert words in page


def test_a_draft_is_for_officials_of_its_region_only(client: Client, tender: Tender, lead: Any) -> None:
    address = reverse("procurement:tender", args=[tender.slug])
    assert client.get(address).status_code == 404
    client.force_login(user_with(Role.LEAD, region=RegionFactory()))
    assert client.get(address).status_code == 404
    client.force_login(lead)
    assert client.get(address).status_code == 200
    assert tender.title not in client.get(reverse("procurement:tender_list")).content.decode()


def test_the_list_is_grouped_and_filtered_by_region(client: Client, tender: Tender, lead: Any) -> None:
    publish_tender(tender=tender, deadline=on_time(), by=lead)
    TenderFactory(title="Lopend elders", region=RegionFactory(slug="elders", name="Elders"))
    groups = {state: lines for state, _label, lines in client.get("/aanbestedingen/").context["groups"]}
    assert [line.tender for line in groups["open"]] == [tender]
    assert [line.tender.title for line in groups["running"]] == ["Lopend elders"]
    assert {line.tender.slug for line in groups["completed"]} == {"hulp-bij-het-huishouden", "open-house-2021"}
    chosen = client.get("/aanbestedingen/?regio=elders").content.decode()
    assert "Lopend elders" in chosen
    assert tender.title not in chosen
    assert client.get("/aanbestedingen/?regio=bestaat-niet").status_code == 200


def test_the_page_of_a_tender_takes_a_fixed_number_of_queries(
    client: Client, tender: Tender, lead: Any, django_assert_num_queries: Any
) -> None:
    publish_tender(tender=tender, deadline=on_time(), by=lead)
    for _more in range(2):
        for round in tender.rounds.all():
            rules = SegmentRoundFactory(round=round, segment__lot=tender.lots.get(slug="wmo"), segment__tender=tender)
            CriterionFactory.create_batch(3, segment_round=rules)
            RequirementFactory(round=round, segment=rules.segment)
        with django_assert_num_queries(17):
            client.get("/aanbestedingen/inkoop-2022/")


def test_the_list_takes_a_fixed_number_of_queries(
    client: Client, tender: Tender, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(5):
        client.get("/aanbestedingen/")
    TenderFactory.create_batch(3, region=tender.region)
    with django_assert_num_queries(5):
        client.get("/aanbestedingen/")
