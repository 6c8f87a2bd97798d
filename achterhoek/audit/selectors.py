"""Questions about the audit log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role
from achterhoek.actions import actions_named_like
from achterhoek.audit.domain.canonical import Event
from achterhoek.audit.domain.chain import Anchor, Link, Row
from achterhoek.audit.models import AuditCheck, AuditEvent, AuditLink

# A rush is `RUSH_EVENTS` events within this.
RUSH_WITHIN = timedelta(seconds=10)
RECENT = f"""SELECT at > clock_timestamp() - make_interval(secs => %s) FROM {AuditEvent._meta.db_table}
    ORDER BY id DESC LIMIT 1 OFFSET %s"""  # noqa: S608

_sealed: list[Callable[[], Q]] = []


def seals(rule: Callable[[], Q]) -> Callable[[], Q]:
    """Declare which events are not shown for now, since who did them is still a secret (Aw 2.108)."""
    if rule not in _sealed:
        _sealed.append(rule)
    return rule


def unsealed(found: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
    """Without the events that are sealed now. They stay in the log, and show when the seal is gone."""
    for rule in _sealed:
        found = found.exclude(rule())
    return found


def events(user: Any, *, query: str = "") -> QuerySet[AuditEvent]:
    """The log, newest first, for the auditor and the administrator; `query` looks in action, object and person."""
    if not has_role(user, Role.AUDITOR, Role.ADMIN):
        return AuditEvent.objects.none()
    found = unsealed(AuditEvent.objects.select_related("actor"))
    if query:
        found = found.filter(
            Q(action__icontains=query)
            | Q(action__in=actions_named_like(query))
            | Q(target_label__icontains=query)
            | Q(actor__name__icontains=query)
        )
    return found


def head() -> tuple[int, bytes] | None:
    """The end of the chain: its position and hash."""
    last = AuditLink.objects.order_by("-position").first()
    return (last.position, bytes(last.hash)) if last else None


def is_rush() -> bool:
    """Whether so much happens just now (the last minutes before a deadline) that work which can wait had better wait.

    One look at the end of the log, however long that is.
    """
    count = settings.RUSH_EVENTS
    if not count:
        return False
    with connection.cursor() as cursor:
        cursor.execute(RECENT, [RUSH_WITHIN.total_seconds(), count - 1])
        found = cursor.fetchone()
    return bool(found and found[0])


def last_check() -> AuditCheck | None:
    """What the last check of the whole log found."""
    return AuditCheck.objects.order_by("-id").first()


# One statement, so one moment of the database: what is written meanwhile is not half in it.
_CHAIN = """
    SELECT l.position, l.event_id, l.hash, a.position, a.hash, a.mac,
           e.id, e.uuid, trunc(extract(epoch FROM e.at) * 1000000)::text, e.actor_id, e.action, e.target_type,
           e.target_id, e.target_label, e.detail::text, e.mac
    FROM audit_auditlink l
    FULL JOIN audit_auditevent e ON e.id = l.event_id
    FULL JOIN audit_auditanchor a ON a.position = l.position
    ORDER BY coalesce(l.position, a.position), e.id
"""
_AT_ONCE = 1000


def chained_rows() -> Iterator[Row]:
    """The log in the order of the chain, with what stands outside it at the end; a thousand rows at a time.

    Must be read inside a transaction: the database keeps its place by a cursor.
    """
    with connection.chunked_cursor() as cursor:
        cursor.execute(_CHAIN)
        while found := cursor.fetchmany(_AT_ONCE):
            for row in found:
                yield _row(row)


def _row(values: tuple[Any, ...]) -> Row:
    link, anchor, event = values[:3], values[3:6], values[6:]
    return Row(
        link=Link(link[0], link[1], bytes(link[2])) if link[0] is not None else None,
        event=_event(event) if event[0] is not None else None,
        anchor=Anchor(anchor[0], bytes(anchor[1]), bytes(anchor[2])) if anchor[0] is not None else None,
    )


def _event(values: tuple[Any, ...]) -> Event:
    number, uuid, at, actor, action, target_type, target_id, target_label, detail, mac = values
    return Event(
        id=number,
        uuid=uuid,
        at=at,
        actor=actor,
        action=action,
        target_type=target_type,
        target_id=target_id,
        target_label=target_label,
        detail=detail,
        mac=bytes(mac),
    )


def events_twice() -> Iterator[tuple[int, UUID]]:
    """Events whose identity another one has too. The database refuses that, unless somebody took the rule away."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id), uuid FROM audit_auditevent GROUP BY uuid HAVING count(*) > 1 ORDER BY max(id)")
        yield from cursor.fetchall()
