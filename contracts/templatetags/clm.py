"""What waits for Team CLM, on the first page of /beheer/."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role
from achterhoek.clock import database_today
from contracts.selectors.contracts import clm_work

register = template.Library()


@register.simple_tag
def clm_tiles(request: HttpRequest) -> list[dict[str, Any]]:
    """Tiles for the work that waits: requests, options, signatures; none for who only manages the portal."""
    if not has_role(request.user, Role.CLM, Role.AUDITOR):
        return []
    work = clm_work(request.user, database_today())
    return [
        {
            "title": _("Changes of subcontractors to decide"),
            "count": work.requests,
            "text": work.oldest_days is not None and _("The oldest waits %(days)s days.") % {"days": work.oldest_days},
            "url": reverse("admin:contracts_subcontractorchange_changelist") + "?status__exact=requested",
        },
        {
            "title": _("Options to decide within a year"),
            "count": work.options,
            "text": work.next_option_on and _("The first one before or on %(day)s.") % {"day": work.next_option_on},
            "url": reverse("admin:contracts_contractterm_changelist") + "?status__exact=open",
        },
        {"title": _("Contracts to sign"), "count": work.unsigned, "url": reverse("contracts:lead_contracts")},
        *([_failed_letters(work.failed_letters)] if work.failed_letters else []),
    ]


def _failed_letters(count: int) -> dict[str, Any]:
    return {"title": _("Letters that could not be made"), "count": count, "url": reverse("contracts:lead_contracts")}
