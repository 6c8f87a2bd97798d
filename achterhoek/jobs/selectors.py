"""Questions about jobs."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role
from achterhoek.jobs.models import Job


def visible_jobs(user: Any) -> QuerySet[Job]:
    """Who asked for the work sees how far it is; so do the auditor and the administrator."""
    if has_role(user, Role.AUDITOR, Role.ADMIN):
        return Job.objects.all()
    return Job.objects.filter(created_by=user.pk)
