"""What contracts show on the pages of other apps."""

from __future__ import annotations

from django.http import HttpRequest

from achterhoek import panels
from achterhoek.clock import today_on_page
from achterhoek.panels import Panel
from contracts.models import Contract
from contracts.rules import last_day_of
from contracts.selectors import contracts as selectors
from contracts.selectors.agreements import may_prepare
from contracts.selectors.amendments import amendments_of
from contracts.selectors.changes import advice_list
from contracts.selectors.money import money_of
from contracts.selectors.options import waiting_for_college
from contracts.selectors.papers import papers_elsewhere
from contracts.selectors.parties import parties_ahead
from contracts.selectors.result_panels import follows_as_college, reports_to_hand_in, results_of
from contracts.selectors.signing import document_that_holds
from contracts.selectors.transitions import own_transitions, transitions_of


def provider_contracts(request: HttpRequest) -> Panel | None:
    """On the provider's home: its contracts."""
    contracts = selectors.own_contracts(request.user)
    if not contracts:
        return None
    rows = [(contract, last_day_of(contract)) for contract in contracts]
    return Panel("contracts/contract/_provider_panel.html", {"rows": rows}, order=300)


def provider_papers(request: HttpRequest) -> Panel | None:
    """On the provider's home: what it got, and signed, of contracts that are with another."""
    rows = papers_elsewhere(request.user)
    return Panel("contracts/contract/_papers_panel.html", {"rows": rows}, order=330) if rows else None


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


def college_options(request: HttpRequest) -> Panel | None:
    """On the page of a college secretary: the options on which its college has to decide, and the way to them."""
    found = waiting_for_college(request.user, today_on_page(request))
    return Panel("contracts/option/_college_panel.html", {"found": found}, order=305) if found else None


def contract_agreement(request: HttpRequest) -> Panel | None:
    """On the contract's page: who is in it, what was promised, what was amended, and how it stood on any day."""
    contract = getattr(request, "panel_object", None)
    if not isinstance(contract, Contract):
        return None
    context = {
        "contract": contract,
        "parties": parties_ahead(contract, today_on_page(request)),
        "promises": len(contract.obligations.all()),
        "amendments": amendments_of(request.user, contract).count(),
        "document": document_that_holds(contract),
        "may_prepare": may_prepare(request.user, contract),
        "today": today_on_page(request),
    }
    return Panel("contracts/agree/_contract_panel.html", context, order=50)


def contract_results(request: HttpRequest) -> Panel | None:
    """On the contract's page: its results and evaluations."""
    contract = getattr(request, "panel_object", None)
    context = results_of(request.user, contract, today_on_page(request)) if isinstance(contract, Contract) else None
    return Panel("contracts/results/_contract_panel.html", context, order=200) if context else None


def contract_money(request: HttpRequest) -> Panel | None:
    """On the contract's page: what it costs."""
    contract = getattr(request, "panel_object", None)
    context = money_of(request.user, contract, today_on_page(request)) if isinstance(contract, Contract) else None
    return Panel("contracts/money/_contract_panel.html", context, order=150) if context else None


def contract_transitions(request: HttpRequest) -> Panel | None:
    """On the page of a contract that ends, or that takes over: how the care of its clients goes on."""
    contract = getattr(request, "panel_object", None)
    context = transitions_of(request.user, contract, today_on_page(request)) if isinstance(contract, Contract) else None
    return Panel("contracts/transition/_contract_panel.html", context, order=400) if context else None


def provider_transitions(request: HttpRequest) -> Panel | None:
    """On the provider's home: the transitions of which it tells how far they are."""
    rows = own_transitions(request.user, today_on_page(request))
    return Panel("contracts/transition/_provider_panel.html", {"rows": rows}, order=320) if rows else None


def provider_reports(request: HttpRequest) -> Panel | None:
    """On the provider's home: the quarterly reports that are to be handed in."""
    rows = reports_to_hand_in(request.user, today_on_page(request))
    return Panel("contracts/results/_provider_panel.html", {"rows": rows}, order=310) if rows else None


def college_results(request: HttpRequest) -> Panel | None:
    """On the page of a college secretary: the way to the results in its municipality."""
    if not follows_as_college(request.user):
        return None
    return Panel("contracts/results/_college_panel.html", {}, order=310)


def register() -> None:
    """Called once, when the app is ready."""
    panels.register("provider_home", provider_contracts)
    panels.register("provider_home", provider_papers)
    panels.register("lead_tender", tender_contracts)
    panels.register("college_home", college_advices)
    panels.register("college_home", college_options)
    panels.register("contract", contract_agreement)
    panels.register("contract", contract_results)
    panels.register("contract", contract_money)
    panels.register("contract", contract_transitions)
    panels.register("provider_home", provider_reports)
    panels.register("provider_home", provider_transitions)
    panels.register("college_home", college_results)
