"""The one writer of the audit log."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction

from achterhoek.accounts.models import User
from achterhoek.audit.models import AuditEvent


def record(action: str, *, by: User | None, target: models.Model, detail: dict[str, Any] | None = None) -> AuditEvent:
    """Write down that `by` did `action` to `target` (None: the system, by its clock).

    Must be called inside the transaction that does the thing, so that neither exists without the
    other. `detail` never holds anything that is sealed, nor a secret.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an audit event belongs inside the transaction of what it records")
    return AuditEvent.objects.create(
        actor=by,
        action=action,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        target_label=str(target)[:200],
        detail=detail or {},
    )
