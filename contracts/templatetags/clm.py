"""What waits for Team CLM, on the first page of /beheer/; and its lists on a phone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role
from achterhoek.clock import database_today
from contracts.domain.figures import write_figure
from contracts.selectors.contracts import clm_work
from contracts.selectors.results import reports_waiting
from contracts.selectors.transitions import transition_work

register = template.Library()
register.filter("figure", write_figure)


@register.simple_tag
def clm_tiles(request: HttpRequest) -> list[dict[str, Any]]:
    """Tiles for the work that waits: requests, options, signatures; none for who only manages the portal."""
    if not has_role(request.user, Role.CLM, Role.AUDITOR):
        return []
    work = clm_work(request.user, database_today())
    changes = reverse("admin:contracts_subcontractorchange_changelist")
    late = {
        "title": _("Approvals of which a condition is late"),
        "count": work.late_conditions,
        "url": f"{changes}?conditions=late",
    }
    return [
        {
            "title": _("Changes of subcontractors to decide"),
            "count": work.requests,
            "text": work.oldest_days is not None and _("The oldest waits %(days)s days.") % {"days": work.oldest_days},
            "url": f"{changes}?status__exact=requested",
            **_overdue(work.overdue),
        },
        *([late] if work.late_conditions else []),
        {
            "title": _("Options to decide within a year"),
            "count": work.options,
            "text": work.next_option_on and _("The first one before or on %(day)s.") % {"day": work.next_option_on},
            "url": reverse("contracts:options"),
        },
        {"title": _("Contracts to sign"), "count": work.unsigned, "url": reverse("contracts:lead_contracts")},
        _reports(request.user),
        *_transitions(request.user),
        *([_failed_letters(work.failed_letters)] if work.failed_letters else []),
    ]


def _reports(user: Any) -> dict[str, Any]:
    """The tile of the quarterly reports: how many to judge, and how many are missing."""
    waiting, missing = reports_waiting(user, database_today())
    text = ngettext("%(count)d report is missing.", "%(count)d reports are missing.", missing) % {"count": missing}
    url = reverse("contracts:results_home")
    return {"title": _("Quarterly reports to judge"), "count": waiting, "text": missing > 0 and text, "url": url}


def _transitions(user: Any) -> list[dict[str, Any]]:
    """The tile of the contracts that end without an arrangement for their clients; none where nothing waits."""
    open_ends, late = transition_work(user, database_today())
    if not open_ends and not late:
        return []
    title = _("Contracts that end without a transition arrangement")
    return [{"title": title, "count": open_ends, "url": reverse("contracts:transitions"), **_overdue(late)}]


def _overdue(count: int) -> dict[str, str]:
    """A sign on the tile where the day to decide by has passed."""
    if not count:
        return {}
    label = ngettext("%(count)d too late", "%(count)d too late", count) % {"count": count}
    return {"badge_status": "overdue", "badge_label": label}


def _failed_letters(count: int) -> dict[str, Any]:
    return {"title": _("Letters that could not be made"), "count": count, "url": reverse("contracts:lead_contracts")}


@register.filter
def labelled(cells: Iterable[str], headers: list[dict[str, Any]]) -> list[SafeString]:
    """The cells that the admin made of a row, each with the name of its column; the box to choose it has none."""
    found = []
    for cell, header in zip(cells, headers, strict=True):
        name = capfirst(header["text"])
        if cell.startswith("<td") and "<input" not in name:
            cell = f'<td data-label="{escape(name)}"{cell[3:]}'
        # The admin has escaped what stands in its cells, and the name is escaped here.
        found.append(mark_safe(cell))
    return found
