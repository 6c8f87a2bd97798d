"""An open question on the provider's home, above all else; the check of each opened round on the lead's page."""

from __future__ import annotations

from django.http import HttpRequest

from achterhoek.panels import Panel, register
from procurement.selectors.completeness import checks_of_tender, open_clarifications


def provider_questions(request: HttpRequest) -> Panel | None:
    """One query; nothing where no question is open."""
    found = open_clarifications(request.user)
    template = "procurement/completeness/_provider_panel.html"
    return Panel(template, {"clarifications": found}, order=5) if found else None


def lead_checks(request: HttpRequest) -> Panel | None:
    """One query; nothing before a vault is open, and for who may not see it."""
    tender = getattr(request, "panel_object", None)
    rounds = checks_of_tender(request.user, tender) if tender is not None else []
    return Panel("procurement/completeness/_lead_panel.html", {"rounds": rounds}, order=30) if rounds else None


register("provider_home", provider_questions)
register("lead_tender", lead_checks)
