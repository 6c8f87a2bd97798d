"""A status has one writer, its table is held by the database too, and no step is taken twice."""

from __future__ import annotations

import threading

import pytest
from django.db import DatabaseError, connection

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.transitions.services import transition
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
