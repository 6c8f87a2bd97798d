"""Questions about the audit log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role
from achterhoek.audit.models import AuditEvent

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
            Q(action__icontains=query) | Q(target_label__icontains=query) | Q(actor__name__icontains=query)
        )
    return found
