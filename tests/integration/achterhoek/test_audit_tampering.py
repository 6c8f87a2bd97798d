"""What somebody with the password of the database does to the log is found."""

from __future__ import annotations

import pytest
from django.core.management import CommandError
from django.db import DatabaseError, connection, transaction

from achterhoek.audit.models import AuditEvent, AuditLink
from achterhoek.audit.services import anchor
from tests.audit_log import (
    NEVER_EMPTIED,
    events,
    findings,
    past_the_triggers,
    verified,
)
from tests.factories import UserFactory

committed = pytest.mark.django_db(transaction=True)
INSERT = (
    "INSERT INTO audit_auditevent (uuid, action, target_type, target_id, target_label, detail, mac)"
    " VALUES (gen_random_uuid(), 'region.changed', 'region.region', '1', 'x', '{}', %s) RETURNING id"
)


@committed
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("detail = '{\"number\": 9}'", "its content was changed"),
        ("action = 'region.left'", "its content was changed"),
        ("target_label = 'Elders'", "its content was changed"),
        ("uuid = gen_random_uuid()", "its content was changed"),
        ("at = at - interval '1 second'", "does not fit the chain"),
        ("at = 'infinity'", "does not fit the chain"),
        ("mac = ''", "its content was changed"),
    ],
)
def test_an_event_that_was_changed_is_found(change: str, said: str) -> None:
    made = events()
    with past_the_triggers() as cursor:
        cursor.execute(f"UPDATE audit_auditevent SET {change} WHERE id = %s", [made[2]])
    found = findings()
    assert any(said in line for line in found)
    assert all(line.startswith(f"event {made[2]}") for line in found)


@committed
def test_a_changed_person_is_found() -> None:
    made, other = events(), UserFactory()
    with past_the_triggers() as cursor:
        cursor.execute("UPDATE audit_auditevent SET actor_id = %s WHERE id = %s", [other.pk, made[0]])
    assert f"event {made[0]}" in findings()[0]


@committed
def test_an_event_taken_out_of_the_middle_is_found() -> None:
    made = events()
    with past_the_triggers() as cursor:
        cursor.execute("DELETE FROM audit_auditlink WHERE event_id = ANY(%s)", [made[1:3]])
        cursor.execute("DELETE FROM audit_auditevent WHERE id = ANY(%s)", [made[1:3]])
    assert findings() == ["the log: positions 2 to 3 are missing from the chain: events and their links were removed"]


@committed
def test_a_link_that_was_taken_away_is_found() -> None:
    made = events()
    with past_the_triggers() as cursor:
        cursor.execute("DELETE FROM audit_auditlink WHERE event_id = %s", [made[1]])
    assert findings() == [
        "position 2: is missing from the chain: an event and its link were removed",
        f"event {made[1]}: is not in the chain: it was put in past the portal, or its link is gone",
    ]


@committed
def test_an_end_that_was_cut_off_is_found_by_its_anchor() -> None:
    made = events()
    kept = anchor()
    assert kept is not None
    with past_the_triggers() as cursor:
        cursor.execute("DELETE FROM audit_auditlink WHERE event_id = %s", [made[-1]])
        cursor.execute("DELETE FROM audit_auditevent WHERE id = %s", [made[-1]])
    assert "the end was cut off" in findings()[0]
    with past_the_triggers() as cursor:
        cursor.execute("DELETE FROM audit_auditanchor")
    assert findings() == []
    assert "the end was cut off" in findings({kept.position: bytes(kept.hash)})[0]


@committed
def test_an_event_that_was_put_in_is_found_with_and_without_the_triggers() -> None:
    made = events()
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [bytes(32)])
        (linked,) = cursor.fetchone()
    with past_the_triggers() as cursor:
        cursor.execute(INSERT, [AuditEvent.objects.get(pk=made[0]).mac])
        (loose,) = cursor.fetchone()
    found = findings()
    assert any(
        line.startswith(f"event {linked}: its content was changed, or the portal never wrote it") for line in found
    )
    assert any(line.startswith(f"event {loose}: is not in the chain") for line in found)
    assert any(line.startswith(f"event {loose}: its content was changed, or the portal never") for line in found)


def _rule_of_identity() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = 'audit_auditevent'::regclass AND contype = 'u'"
        )
        return str(cursor.fetchone()[0])


@committed
def test_a_copy_of_a_real_event_is_found() -> None:
    """The copy bears a real signature and gets a real link."""
    events()
    rule = _rule_of_identity()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE audit_auditevent DROP CONSTRAINT {rule}")
        cursor.execute(
            "INSERT INTO audit_auditevent (uuid, action, target_type, target_id, target_label, detail, mac)"
            " SELECT uuid, action, target_type, target_id, target_label, detail, mac FROM audit_auditevent"
            " ORDER BY id LIMIT 1"
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert "is a copy of another event" in findings()[0]
        transaction.set_rollback(True)


@committed
def test_two_events_that_changed_places_are_found() -> None:
    made, rule = events(), _rule_of_identity()
    columns = "(uuid, at, actor_id, action, target_type, target_id, target_label, detail, mac)"
    with past_the_triggers() as cursor:
        cursor.execute(f"ALTER TABLE audit_auditevent DROP CONSTRAINT {rule}")
        cursor.execute(
            f"UPDATE audit_auditevent AS here SET {columns} = (SELECT {columns[1:-1]} FROM audit_auditevent AS there"
            " WHERE there.id IN (%s, %s) AND there.id <> here.id) WHERE here.id IN (%s, %s)",
            [made[1], made[2]] * 2,
        )
        cursor.execute(f"ALTER TABLE audit_auditevent ADD CONSTRAINT {rule} UNIQUE (uuid)")
    assert [line.split(":")[0] for line in findings()] == [
        f"event {made[1]}, position 2",
        f"event {made[2]}, position 3",
    ]


@committed
def test_a_chain_that_was_written_anew_from_the_start_is_found_by_its_anchor() -> None:
    """The database's own trigger writes a faultless chain over what is left. Only the anchor knows better."""
    made = events()
    kept = anchor()
    assert kept is not None
    with past_the_triggers() as cursor:
        cursor.execute("DELETE FROM audit_auditlink")
        cursor.execute("DELETE FROM audit_auditevent WHERE id = %s", [made[1]])
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO audit_auditpending (event_id) SELECT id FROM audit_auditevent ORDER BY id")
    events(1)
    assert findings() == [
        f"event {AuditLink.objects.get(position=5).event_id}, position 5:"
        " the anchor has another hash than the chain: the chain was rewritten"
    ]
    with past_the_triggers() as cursor:
        cursor.execute("UPDATE audit_auditanchor SET hash = (SELECT hash FROM audit_auditlink WHERE position = 5)")
    assert "the anchor was not made by the portal" in findings()[0]
    with past_the_triggers() as cursor:
        cursor.execute("DELETE FROM audit_auditanchor")
    assert findings() == []
    assert "the chain was rewritten" in findings({kept.position: bytes(kept.hash)})[0]


@committed
@pytest.mark.parametrize("model", [*NEVER_EMPTIED])
def test_the_database_refuses_to_empty_the_log(model: type) -> None:
    events(1)
    anchor()
    with pytest.raises(DatabaseError, match="never removed"), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {model._meta.db_table} CASCADE")
    assert model.objects.count() == 1


@committed
@pytest.mark.parametrize("table", ["audit_auditlink", "audit_auditanchor"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET hash = hash", "DELETE FROM {}"])
def test_the_database_refuses_to_change_the_chain(table: str, statement: str) -> None:
    events(1)
    anchor()
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute(statement.format(table))
    assert findings() == []


@committed
def test_all_emptied_at_once_is_found_by_an_anchor_kept_elsewhere() -> None:
    events()
    kept = anchor()
    assert kept is not None
    with past_the_triggers() as cursor:
        cursor.execute("TRUNCATE audit_auditevent, audit_auditlink, audit_auditanchor")
    assert "Events: 0" in verified()
    with pytest.raises(CommandError, match="not whole"):
        verified("--anchor", str(kept))
