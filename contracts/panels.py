"""What contracts show on the pages of other apps."""

from __future__ import annotations

from django.http import HttpRequest

from achterhoek import panels
from achterhoek.panels import Panel
from contracts.rules import last_day_of
from contracts.selectors import contracts as selectors
from contracts.selectors.changes import advice_list


def provider_contracts(request: HttpRequest) -> Panel | None:
    """On the provider's home: its contracts."""
    contracts = selectors.own_contracts(request.user)
    if not contracts:
        return None
    rows = [(contract, last_day_of(contract)) for contract in contracts]
    return Panel("contracts/contract/_provider_panel.html", {"rows": rows}, order=300)


def tender_contracts(request: HttpRequest) -> Panel | None:
    """On the lead's page of a tender: how many contracts it led to."""
    tender = getattr(request, "panel_object", None)
    if tender is None:
        return None
    counts = selectors.tender_counts(tender)
    waiting = selectors.contracts_to_make(request.user, tender)
    if not counts["total"] and not waiting:
        return None
    return Panel("contracts/contract/_tender_panel.html", {**counts, "waiting": waiting}, order=300)


def college_advices(request: HttpRequest) -> Panel | None:
    """On the page of a college secretary: the advice that is asked of its municipality."""
    waiting, done = advice_list(request.user)
    if not waiting and not done:
        return None
    return Panel("contracts/advice/_panel.html", {"waiting": waiting, "done": len(done)}, order=300)


def register() -> None:
    """Called once, when the app is ready."""
    panels.register("provider_home", provider_contracts)
    panels.register("lead_tender", tender_contracts)
    panels.register("college_home", college_advices)
