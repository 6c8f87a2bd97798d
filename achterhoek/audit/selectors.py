"""Questions about the audit log."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role
from achterhoek.audit.models import AuditEvent


def events(user: Any, *, query: str = "") -> QuerySet[AuditEvent]:
    """The log, newest first, for the auditor and the administrator; `query` looks in action, object and person."""
    if not has_role(user, Role.AUDITOR, Role.ADMIN):
        return AuditEvent.objects.none()
    found = AuditEvent.objects.select_related("actor")
    if query:
        found = found.filter(
            Q(action__icontains=query) | Q(target_label__icontains=query) | Q(actor__name__icontains=query)
        )
    return found
