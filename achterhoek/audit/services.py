"""The writers of the audit log: its events, the anchors of its chain, and the checks of the whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import uuid4

import structlog
from django.db import models, transaction

from achterhoek.accounts.models import User
from achterhoek.audit.checks import findings_elsewhere
from achterhoek.audit.domain.canonical import anchor_content, signed_content
from achterhoek.audit.domain.chain import Finding, Walk
from achterhoek.audit.models import AuditAnchor, AuditCheck, AuditEvent
from achterhoek.audit.selectors import chained_rows, events_twice, head
from achterhoek.audit.signing import is_ours, sign

logger = structlog.get_logger(__name__)


def record(action: str, *, by: User | None, target: models.Model, detail: dict[str, Any] | None = None) -> AuditEvent:
    """Write down that `by` did `action` to `target` (None: the system, by its clock).

    Must be called inside the transaction that does the thing, so that neither exists without the
    other. `detail` never holds anything that is sealed, nor a secret.
    """
    event = _event(action, by, target, detail or {})
    event.save(force_insert=True)
    return event


def record_each(
    action: str, *, by: User | None, each: Iterable[tuple[models.Model, dict[str, Any]]]
) -> list[AuditEvent]:
    """As `record`, for the same done several times: an event for each target and its detail, in one query."""
    return AuditEvent.objects.bulk_create([_event(action, by, target, detail) for target, detail in each])


def _event(action: str, by: User | None, target: models.Model, detail: dict[str, Any]) -> AuditEvent:
    """An event with our signature, not yet saved."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an audit event belongs inside the transaction of what it records")
    event = AuditEvent(
        uuid=uuid4(),
        actor=by,
        action=action,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        target_label=str(target)[:200],
        detail=detail,
    )
    event.mac = sign(
        signed_content(
            uuid=event.uuid,
            actor=event.actor_id,
            action=event.action,
            target_type=event.target_type,
            target_id=event.target_id,
            target_label=event.target_label,
            detail=json.dumps(event.detail),
        )
    )
    return event


def anchor() -> AuditAnchor | None:
    """Sign how far the chain is now, where it grew since the last time; also into the program's own log.

    Whoever can write the whole chain anew in the database has no key to sign with, nor a hand in a log that is
    kept elsewhere.
    """
    end = head()
    if end is None:
        return None
    position, value = end
    mac = sign(anchor_content(position, value))
    made, is_new = AuditAnchor.objects.get_or_create(position=position, defaults={"hash": value, "mac": mac})
    if not is_new:
        return None
    logger.info("audit anchor", anchor=str(made), mac=mac.hex())
    return made


@transaction.atomic
def verify(*, report: Callable[[Finding], None], kept: Mapping[int, bytes] | None = None) -> tuple[Walk, AuditCheck]:
    """Check every event, link and anchor, and the rows that events vouch for; each finding goes to `report`.

    `kept`: anchors that were kept elsewhere.
    """
    walk, count = Walk(is_ours, kept or {}), 0
    for finding in walk.findings(chained_rows()):
        report(finding)
        count += 1
    for event, uuid in events_twice():
        report(Finding(event, None, f"is a copy of another event (its identity {uuid} exists twice)"))
        count += 1
    for finding in findings_elsewhere():
        report(finding)
        count += 1
    return walk, AuditCheck.objects.create(position=walk.position, hash=walk.head, findings=count)
