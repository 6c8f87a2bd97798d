"""On the auditor's page: the tenders it oversees, with a way to the pages it may read."""

from __future__ import annotations

from django.http import HttpRequest

from achterhoek.panels import Panel, register
from procurement.selectors.lead import overseen_tenders


def audited_tenders(request: HttpRequest) -> Panel | None:
    """One query, however many tenders there are."""
    tenders = list(overseen_tenders(request.user))
    return Panel("procurement/lead/_audit_panel.html", {"tenders": tenders}, order=10) if tenders else None


register("audit_log", audited_tenders)
