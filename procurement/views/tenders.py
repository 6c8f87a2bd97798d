"""The public pages of tenders."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from achterhoek.accounts.access import public
from achterhoek.clock import database_now
from procurement.selectors.tenders import grouped, region_choices, tender_lines, tender_page


@public
def tender_list(request: HttpRequest) -> HttpResponse:
    """Open, running and completed tenders; by region where there are more."""
    now = database_now()
    regions = list(region_choices())
    chosen = request.GET.get("regio", "")
    if chosen not in {region.slug for region in regions}:
        chosen = ""
    address = reverse("procurement:tender_list")
    tabs = [{"label": _("All regions"), "url": address, "current": not chosen}]
    tabs += [{"label": r.name, "url": f"{address}?regio={r.slug}", "current": r.slug == chosen} for r in regions]
    groups = grouped(tender_lines(chosen, now=now))
    context = {"groups": groups, "tabs": tabs if len(regions) > 1 else [], "now": now}
    return render(request, "procurement/tender/list.html", context)


@public
def tender(request: HttpRequest, slug: str) -> HttpResponse:
    """One tender: what is bought, by whom, when, and how it is judged."""
    now = database_now()
    page = tender_page(request.user, slug, now=now, today=timezone.localdate(now))
    if page is None:
        raise Http404
    return render(request, "procurement/tender/detail.html", {"page": page, "tender": page.tender, "now": now})
