"""The audit log: nothing without an event, and no event is ever changed."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.audit.services import record
from tests.factories import RegionFactory, UserFactory, user_with


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE audit_auditevent SET action = 'x'", "DELETE FROM audit_auditevent"])
def test_the_database_refuses_to_change_or_delete_an_event(statement: str) -> None:
    record("region.changed", by=UserFactory(), target=RegionFactory())
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEvent.objects.get().action == "region.changed"


@pytest.mark.django_db(transaction=True)
def test_an_event_belongs_inside_the_transaction_of_what_it_records() -> None:
    with pytest.raises(RuntimeError):
        record("region.changed", by=None, target=RegionFactory())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "status"), [(Role.AUDITOR, 200), (Role.ADMIN, 200), (Role.LEAD, 403), (Role.PROVIDER, 403)]
)
def test_who_reads_the_log(role: str, status: int) -> None:
    client = Client()
    client.force_login(user_with(role))
    assert client.get(reverse("audit:log")).status_code == status


@pytest.mark.django_db
def test_the_log_costs_the_same_number_of_queries_at_one_and_at_many_events(django_assert_num_queries: object) -> None:
    client, region = Client(), RegionFactory()
    client.force_login(user_with(Role.AUDITOR))
    for wanted in (1, 40):
        for _ in range(wanted):
            record("region.changed", by=UserFactory(), target=region)
        with django_assert_num_queries(7):  # type: ignore[operator]
            assert client.get(reverse("audit:log")).status_code == 200


@pytest.mark.django_db
def test_what_was_done_stands_there_in_words_and_is_found_by_them() -> None:
    client = Client()
    client.force_login(user_with(Role.AUDITOR))
    record("procurement.round.open_vault", by=UserFactory(), target=RegionFactory(name="Achterhoek"))
    record("accounts.role.granted", by=UserFactory(), target=RegionFactory(name="Alkmaar"))
    page = client.get(reverse("audit:log"), {"q": "kluis geopend"}).content.decode()
    assert "Kluis geopend" in page
    assert "open_vault" not in page
    assert "Rol gegeven" not in page
    assert "Kluis geopend" in client.get(reverse("audit:log"), {"q": "open_vault"}).content.decode()
