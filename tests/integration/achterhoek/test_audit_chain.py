"""The chain of the log in the real database: how it is written, anchored and checked."""

from __future__ import annotations

import json
import threading
import time
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as examples

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import RoleAssignment
from achterhoek.audit.models import AuditAnchor, AuditCheck, AuditEvent, AuditLink, AuditPending
from achterhoek.audit.services import anchor, record
from achterhoek.audit.tasks import anchor as anchor_task
from achterhoek.audit.tasks import verify as verify_task
from achterhoek.region.models import Region
from tests.audit_log import events, findings, past_the_triggers, verified
from tests.concurrency import at_once
from tests.factories import RegionFactory, UserFactory, user_with
from tests.unit.achterhoek.test_audit_chain import values, words

committed = pytest.mark.django_db(transaction=True)


@committed
def test_every_event_gets_its_place_at_the_commit() -> None:
    made = events(3)
    assert list(AuditLink.objects.order_by("position").values_list("position", "event_id")) == [
        (1, made[0]), (2, made[1]), (3, made[2])
    ]  # fmt: skip
    assert not AuditPending.objects.exists()
    assert findings() == []


def _fail_after_recording() -> None:
    record("region.changed", by=None, target=RegionFactory())
    raise RuntimeError


@committed
def test_what_was_rolled_back_leaves_no_gap() -> None:
    events(1)
    with transaction.atomic():
        record("region.changed", by=None, target=RegionFactory())
        transaction.set_rollback(True)
    with transaction.atomic():
        with pytest.raises(RuntimeError), transaction.atomic():
            _fail_after_recording()
        record("region.changed", by=UserFactory(), target=RegionFactory())
    events(1)
    assert list(AuditLink.objects.order_by("position").values_list("position", flat=True)) == [1, 2, 3]
    assert findings() == []


@pytest.mark.django_db
@examples(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(values, words)
def test_whatever_the_details_are_the_database_and_we_write_them_alike(value: object, label: str) -> None:
    with transaction.atomic():
        record("region.changed", by=None, target=Region(pk=1, name=label), detail={"value": value})
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        assert findings() == []
        transaction.set_rollback(True)


@committed
def test_many_at_once_write_one_unbroken_chain() -> None:
    regions = [RegionFactory(), RegionFactory()]

    def work(mine: int) -> None:
        for _ in range(8):
            with transaction.atomic():
                for region in regions if mine % 2 else reversed(regions):
                    record("region.changed", by=None, target=region, detail={"by": mine})
                first, second = sorted(regions, key=lambda region: region.pk)
                Region.objects.select_for_update().get(pk=first.pk)
                record("region.changed", by=None, target=first)
                Region.objects.select_for_update().get(pk=second.pk)
                record("region.changed", by=None, target=second)

    assert at_once(*(lambda mine=mine: work(mine) for mine in range(6))) == [None] * 6
    assert AuditLink.objects.count() == AuditEvent.objects.count() == 6 * 8 * 4
    assert findings() == []


@committed
def test_the_lock_of_the_chain_is_the_last_of_a_transaction() -> None:
    """A foreign key locks its row at the commit. One who waits there must not hold the chain: the other needs it."""
    region, user = RegionFactory(), UserFactory()
    locked, written = threading.Event(), threading.Event()

    def holds_the_region() -> None:
        with transaction.atomic():
            Region.objects.select_for_update().get(pk=region.pk)
            locked.set()
            assert written.wait(20)
            time.sleep(0.5)  # the other is in its commit now, and waits for the region
            record("region.changed", by=None, target=region)

    def refers_to_the_region() -> None:
        assert locked.wait(20)
        with transaction.atomic():
            record("accounts.role.asked", by=None, target=user)
            RoleAssignment.objects.create(user=user, role=Role.LEAD, region=region)
            record("accounts.role.granted", by=None, target=user)
            written.set()

    assert at_once(holds_the_region, refers_to_the_region) == [None, None]
    assert list(AuditLink.objects.order_by("position").values_list("event__action", flat=True)) == [
        "region.changed", "accounts.role.asked", "accounts.role.granted"
    ]  # fmt: skip
    assert findings() == []


@committed
def test_anchors_follow_the_chain_and_only_where_it_grew() -> None:
    assert anchor() is None
    events(2)
    anchor_task()
    anchor_task()
    events(1)
    anchor_task()
    assert list(AuditAnchor.objects.order_by("id").values_list("position", flat=True)) == [2, 3]
    assert "Anchors: 2" in verified()
    assert findings() == []


@committed
def test_a_new_key_signs_and_the_old_one_still_counts(settings: object) -> None:
    events(1)
    (old,) = settings.AUDIT_KEYS  # type: ignore[attr-defined]
    settings.AUDIT_KEYS = ["a new key of at least 32 characters", old]  # type: ignore[attr-defined]
    events(1)
    assert findings() == []
    settings.AUDIT_KEYS = settings.AUDIT_KEYS[:1]  # type: ignore[attr-defined]
    assert len(findings()) == 1
    settings.AUDIT_KEYS = []  # type: ignore[attr-defined]
    with pytest.raises(ImproperlyConfigured):
        events(1)


@committed
def test_the_command_says_how_far_the_chain_is_or_what_is_wrong() -> None:
    made = events(3)
    said = verified()
    head = AuditLink.objects.get(position=3)
    assert "Events: 3" in said
    assert f"End of the chain: 3:{bytes(head.hash).hex()}" in said
    assert verified("--anchor", f"3:{bytes(head.hash).hex()}") == said
    with pytest.raises(CommandError, match="is no anchor"):
        verified("--anchor", "three")
    with past_the_triggers() as cursor:
        cursor.execute("UPDATE audit_auditevent SET action = 'x' WHERE id = %s", [made[1]])
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("audit", "verify", stdout=out)
    assert refused.value.returncode == 1
    assert f"event {made[1]}: its content was changed" in out.getvalue()


@committed
def test_the_nightly_check_says_loudly_what_is_wrong(caplog: pytest.LogCaptureFixture) -> None:
    made = events(3)
    verify_task()
    assert AuditCheck.objects.get().ok
    assert "ERROR" not in [entry.levelname for entry in caplog.records]
    with past_the_triggers() as cursor:
        cursor.execute("UPDATE audit_auditevent SET action = 'x' WHERE id = %s", [made[1]])
    verify_task()
    (loud,) = [entry for entry in caplog.records if entry.levelname == "ERROR"]
    assert f"event {made[1]}" in str(loud.msg)


@committed
def test_the_auditor_sees_the_last_check_and_no_number_that_tells_how_much_happened() -> None:
    client, address = Client(), reverse("audit:log")
    client.force_login(user_with(Role.AUDITOR))
    made = events(3)
    assert "Dat is nog niet gebeurd" in client.get(address).content.decode()
    verified()
    page = client.get(address).content.decode()
    assert bytes(AuditLink.objects.get(position=3).hash).hex() in page
    assert "Er is niets veranderd" in page
    with past_the_triggers() as cursor:
        cursor.execute("UPDATE audit_auditevent SET action = 'x' WHERE id = %s", [made[1]])
    with pytest.raises(CommandError):
        verified()
    assert "Het logboek klopt niet" in client.get(address).content.decode()


@committed
def test_events_from_before_the_chain_are_linked_as_they_stand_and_the_log_says_so() -> None:
    made = events(3)
    before = list(AuditEvent.objects.order_by("id").values("id", "at", "detail", "target_label"))
    try:
        MigrationExecutor(connection).migrate([("audit", "0001_initial")])
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, detail FROM audit_auditevent ORDER BY id")
            assert [(number, json.loads(text)) for number, text in cursor.fetchall()] == [
                (row["id"], row["detail"]) for row in before
            ]
    finally:
        migrations = MigrationExecutor(connection)
        migrations.migrate(migrations.loader.graph.leaf_nodes())
    assert list(AuditEvent.objects.order_by("id").values("id", "at", "detail", "target_label"))[:3] == before
    assert list(AuditLink.objects.order_by("position").values_list("event_id", flat=True))[:3] == made
    assert AuditEvent.objects.latest("id").action == "audit.chain.started"
    assert findings() == []
    events(1)
    assert findings() == []
