"""What the database itself does with the log: refuse changes, and write the chain.

An event gets its link at the commit, in two steps. The first notes the event; only the second, which the first
queues and which therefore runs after every other check that the transaction had put off (foreign keys lock rows),
takes the lock of the chain. So that lock is the last of each transaction: whoever holds it waits for nobody, and
no two transactions can wait for one another by it. It is let go with the commit.
"""

from __future__ import annotations

import pgtrigger

# The first of two: no lock, one row in a table that is empty again at the commit.
NOTE = pgtrigger.Trigger(
    name="note",
    operation=pgtrigger.Insert,
    when=pgtrigger.After,
    timing=pgtrigger.Deferred,
    func="INSERT INTO audit_auditpending (event_id) VALUES (NEW.id); RETURN NULL;",
)

# The second: `achterhoek.audit.domain.canonical.link_hash` says the same in Python.
LINK = pgtrigger.Trigger(
    name="link",
    operation=pgtrigger.Insert,
    when=pgtrigger.After,
    timing=pgtrigger.Deferred,
    declare=[
        ("event", "audit_auditevent%ROWTYPE"),
        ("last_position", "bigint"),
        ("last_hash", "bytea"),
        ("part", "text"),
        ("content", "text := ''"),
    ],
    func="""
        PERFORM pg_advisory_xact_lock(hashtextextended('audit-chain', 0));
        SELECT * INTO STRICT event FROM audit_auditevent WHERE id = NEW.event_id;
        SELECT position, hash INTO last_position, last_hash FROM audit_auditlink ORDER BY position DESC LIMIT 1;
        FOREACH part IN ARRAY ARRAY[
            event.id::text, event.uuid::text, trunc(extract(epoch FROM event.at) * 1000000)::text,
            coalesce(event.actor_id::text, ''), event.action, event.target_type, event.target_id,
            event.target_label, event.detail::text, encode(event.mac, 'hex')
        ] LOOP
            content := content || octet_length(part) || ':' || part || ',';
        END LOOP;
        INSERT INTO audit_auditlink (position, event_id, hash) VALUES (
            coalesce(last_position, 0) + 1, event.id,
            sha256(coalesce(last_hash, decode(repeat('00', 32), 'hex')) || convert_to(content, 'UTF8'))
        );
        DELETE FROM audit_auditpending WHERE event_id = NEW.event_id;
        RETURN NULL;
    """,
)


def append_only() -> list[pgtrigger.Trigger]:
    """Rows are added; the database refuses to change, delete or empty."""
    return [
        pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name="no_truncate",
            operation=pgtrigger.Truncate,
            when=pgtrigger.Before,
            level=pgtrigger.Statement,
            func="RAISE EXCEPTION 'rows of % are never removed', TG_TABLE_NAME;",
        ),
    ]
