"""The audit log on screen."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.audit.selectors import events, last_check
from achterhoek.panels import panels_for


@allow(Role.ADMIN, read=(Role.AUDITOR,))
def log(request: HttpRequest) -> HttpResponse:
    """Who did what, when: for the auditor and the functional administrator. Fifty events a page."""
    # PostgreSQL takes no NUL, which nobody types.
    query = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    page = Paginator(events(request.user, query=query), 50).get_page(request.GET.get("page"))
    panels = panels_for("audit_log", request)
    context = {"page": page, "query": query, "panels": panels, "last_check": last_check()}
    return render(request, "audit/event/list.html", context)
