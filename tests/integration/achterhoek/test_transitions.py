"""A status has one writer, its table is held by the database too, and no step is taken twice."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, connection
from django.db.models import F
from django.db.models.functions import Upper

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.transitions.services import transition, transition_each
from procurement.domain.states import TENDER
from procurement.models import Tender
from tests.factories import TenderFactory, user_with


@pytest.mark.django_db
def test_a_step_is_written_and_recorded_together() -> None:
    tender, lead = TenderFactory(), user_with(Role.LEAD)
    transition(tender, "completed", by=lead, table=TENDER)
    assert tender.status == "completed"
    event = AuditEvent.objects.get(action="procurement.tender.complete")
    assert (event.actor, event.detail["from"], event.detail["to"]) == (lead, "published", "completed")


@pytest.mark.django_db
def test_a_step_that_the_table_does_not_have_is_refused() -> None:
    with pytest.raises(RuleViolation):
        transition(TenderFactory(), "draft", by=user_with(Role.LEAD), table=TENDER)


@pytest.mark.django_db
def test_a_role_that_may_not_is_refused() -> None:
    with pytest.raises(NotAllowed):
        transition(TenderFactory(), "completed", by=user_with(Role.AUDITOR), table=TENDER)


@pytest.mark.django_db
def test_the_database_refuses_a_step_that_goes_round_the_service() -> None:
    tender = TenderFactory()
    with pytest.raises(DatabaseError):
        Tender.objects.filter(pk=tender.pk).update(status="draft")


@pytest.mark.django_db(transaction=True)
def test_two_people_take_the_same_step_at_once_and_one_does() -> None:
    tender = TenderFactory()
    leads = [user_with(Role.LEAD), user_with(Role.LEAD)]
    barrier, outcomes = threading.Barrier(2), []

    def attempt(lead: object) -> None:
        try:
            barrier.wait(5)
            transition(Tender.objects.get(pk=tender.pk), "completed", by=lead, table=TENDER)
            outcomes.append("done")
        except RuleViolation:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=[lead]) for lead in leads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]
    assert AuditEvent.objects.filter(action="procurement.tender.complete").count() == 1


@pytest.mark.django_db
def test_many_take_a_step_at_once_and_each_is_recorded(django_assert_num_queries: Any) -> None:
    lead, tenders = user_with(Role.LEAD), [TenderFactory() for _ in range(5)]
    transition(TenderFactory(), "completed", by=lead, table=TENDER)
    for some in (tenders[:2], tenders[2:]):
        with django_assert_num_queries(6):
            taken = transition_each(some, "completed", by=lead, table=TENDER, reason="klaar", title=Upper(F("slug")))
        assert taken == some
    for tender in tenders:
        assert (tender.status, tender.title) == ("completed", tender.slug.upper()), "read back"
        event = AuditEvent.objects.get(action="procurement.tender.complete", target_id=str(tender.pk))
        assert (event.actor, event.target_label) == (lead, str(tender))
        assert event.detail == {"from": "published", "to": "completed", "reason": "klaar"}


@pytest.mark.django_db
def test_many_may_come_from_different_states() -> None:
    lead, drafted, published = user_with(Role.LEAD), TenderFactory(status="draft"), TenderFactory()
    transition_each([drafted, published], "withdrawn", by=lead, table=TENDER)
    events = AuditEvent.objects.filter(action="procurement.tender.withdraw").order_by("id")
    assert [(event.target_id, event.detail["from"]) for event in events] == [
        (str(drafted.pk), "draft"),
        (str(published.pk), "published"),
    ]


@pytest.mark.django_db
def test_where_one_of_many_may_not_none_does() -> None:
    lead, tenders = user_with(Role.LEAD), [TenderFactory(), TenderFactory(status="draft")]
    with pytest.raises(RuleViolation):
        transition_each(tenders, "completed", by=lead, table=TENDER)
    with pytest.raises(NotAllowed):
        transition_each(tenders, "withdrawn", by=user_with(Role.AUDITOR), table=TENDER)
    with pytest.raises(ObjectDoesNotExist):
        transition_each([*tenders, Tender(pk=0)], "withdrawn", by=lead, table=TENDER)
    assert set(Tender.objects.values_list("status", flat=True)) == {"published", "draft"}
    assert not AuditEvent.objects.filter(target_type="procurement.tender").exists()
    assert transition_each([], "withdrawn", by=lead, table=TENDER) == []
