"""After the standstill: all reasons why not yet, the letters, and the notice of the award within 30 days (Aw 2.134)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.clock import database_now, database_today
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.mail.models import OutboxMessage
from procurement.models import AwardNotice, CollegeDecision, LetterBatch
from procurement.services.award_notices import record_publication
from procurement.services.awards import NotFinalYet, finalise_award
from procurement.tasks.award_notices import remind_award_notices
from tests.factories.accounts import user_with
from tests.factories.objections import Told, told
from tests.factories.region import RegionFactory

pytestmark = pytest.mark.django_db


def final() -> tuple[Told, AwardNotice]:
    made = told(over=True)
    decision = finalise_award(decision=made.decision, by=made.lead)
    return made, decision.award_notice


def due_in(notice: AwardNotice, days: int) -> None:
    AwardNotice.objects.filter(pk=notice.pk).update(due_on=database_today() + timedelta(days=days))


def test_all_reasons_why_not_yet_are_listed_at_once():
    made = told(reservation="Mits de raad instemt.")
    row = CollegeDecision.objects.get(decision=made.decision, status="reserved")
    objection, writ = made.file(), made.writ()
    with pytest.raises(NotFinalYet) as refused:
        finalise_award(decision=made.decision, by=made.lead)
    assert len(refused.value.reasons) == 4
    for words in (row.municipality.name, objection.number, writ.number):
        assert words in refused.value.message
    page = _at(made.lead).get(reverse("procurement:objections", args=[made.decision.pk])).content.decode()
    assert page.count("nog in behandeling") == 2


def test_final_asks_for_letters_to_all_and_plans_the_notice():
    made, notice = final()
    batch = LetterBatch.objects.get(decision=made.decision, purpose="final")
    assert batch.letters.count() == len(made.ranked.entries)
    assert set(batch.letters.values_list("kind", flat=True)) == {"final"}
    assert notice.due_on == database_today() + timedelta(days=30)
    assert AuditEvent.objects.filter(action="procurement.awardnotice.plan").count() == 1


def test_reminded_a_week_before_and_when_overdue_once_each():
    made, notice = final()
    mails = OutboxMessage.objects.filter(key__startswith="award-notice:", to=made.lead.email)
    remind_award_notices()
    assert mails.count() == 0
    due_in(notice, 7)
    remind_award_notices()
    remind_award_notices()
    assert mails.count() == 1
    due_in(notice, 0)
    remind_award_notices()
    assert mails.count() == 1
    due_in(notice, -1)
    remind_award_notices()
    remind_award_notices()
    assert mails.count() == 2
    record_publication(notice=notice, reference="TN-1", published_at=database_now(), by=made.lead)
    OutboxMessage.objects.all().delete()
    remind_award_notices()
    assert mails.count() == 0


def test_the_publication_is_recorded_once_by_the_lead():
    made, notice = final()
    for user in (made.member(), made.officer, user_with(Role.LEAD, region=RegionFactory())):
        with pytest.raises(NotAllowed):
            record_publication(notice=notice, reference="TN-1", published_at=database_now(), by=user)
    for reference, moved, field in ((" ", 0, "reference"), ("TN-1", 1, "published_at"), ("TN-1", -2, "published_at")):
        with pytest.raises(RuleViolation) as refused:
            record_publication(
                notice=notice, reference=reference, published_at=database_now() + timedelta(days=moved), by=made.lead
            )
        assert refused.value.field == field
    record_publication(notice=notice, reference="TN-426381", published_at=database_now(), by=made.lead)
    with pytest.raises(RuleViolation):
        record_publication(notice=notice, reference="TN-2", published_at=database_now(), by=made.lead)
    notice.refresh_from_db()
    assert notice.reference == "TN-426381"


def test_the_page_of_the_notice_and_the_home_of_the_lead():
    made, notice = final()
    due_in(notice, -2)
    client = _at(made.lead)
    url = reverse("procurement:award_notice", args=[made.decision.pk])
    home = client.get(reverse("procurement:lead_home")).content.decode()
    assert url in home
    assert "Te laat" in home
    assert "De aankondiging is te laat" in client.get(url).content.decode()
    moment = timezone.localtime(database_now()).strftime("%Y-%m-%dT%H:%M:%S")
    response = client.post(url, {"reference": "", "published_at": moment})
    assert response.status_code == 422
    assert "id_reference_error" in response.content.decode()
    assert client.post(url, {"reference": "TN-426381", "published_at": moment}).status_code == 302
    assert url not in client.get(reverse("procurement:lead_home")).content.decode()
    assert "TN-426381" in client.get(url).content.decode()
    assert _at(user_with(Role.LEAD, region=RegionFactory())).get(url).status_code == 404


def _at(user) -> Client:
    client = Client()
    client.force_login(user)
    return client
