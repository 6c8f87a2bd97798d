"""The contractor's own contract: what it says."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.clock import today_on_page
from achterhoek.panels import panels_for
from contracts.rules import is_contractor, is_running, last_day_of
from contracts.selectors import contracts as selectors
from procurement.rules import works_for_region

OFFICIALS = (Role.LEAD, Role.CLM, Role.AUDITOR, Role.ADMIN)


@require_safe
@allow(Role.PROVIDER, read=OFFICIALS)
def contract(request: UserRequest, pk: int) -> HttpResponse:
    """Parties, terms, subcontractors, and the history of changes."""
    found = get_object_or_404(selectors.contract_detail(request.user), pk=pk)
    today = today_on_page(request)
    own = is_contractor(request.user, found)
    request.panel_object = found  # type: ignore[attr-defined]
    context = {
        "contract": found,
        "panels": panels_for("contract", request),
        "terms": selectors.term_rows(found, today),
        "decide_url_name": "contracts:option" if works_for_region(request.user, found.segment.tender, Role.CLM) else "",
        "last_day": last_day_of(found),
        "subcontractors": selectors.subcontractors_of(found, today),
        "may_change": own and is_running(found, today),
        "is_contractor": own,
    }
    return render(request, "contracts/contract/detail.html", context)
