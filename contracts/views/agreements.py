"""What a contract says: shares and value, promises from the bid, and how it stood on any day."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from contracts.enums import ContractStatus
from contracts.forms.agreements import DayForm, PromiseForm, SharesForm, ValueForm
from contracts.models import Contract
from contracts.selectors import agreements as selectors
from contracts.selectors.contracts import contract_detail
from contracts.services.agreements import meet_promise, set_missing_value, set_terms_of_money, take_promise
from procurement.rules import works_for_region


def _contract(request: UserRequest, pk: int) -> Contract:
    return get_object_or_404(contract_detail(request.user), pk=pk)


@allow(Role.LEAD, Role.CLM)
def contract_parties(request: UserRequest, pk: int) -> HttpResponse:
    """The shares of the parties and the value, before anybody signs; afterwards the value that nobody filled in."""
    contract = _contract(request, pk)
    if selectors.may_fill_value(request.user, contract):
        return _missing_value(request, contract)
    if not selectors.may_prepare(request.user, contract):
        raise Http404
    parties = list(contract.parties.select_related("organisation"))
    form = SharesForm(request.POST or None, parties=parties, value=contract.initial_value)
    if request.method == "POST" and form.is_valid():
        try:
            set_terms_of_money(contract=contract, shares=form.shares, value=form.cleaned_data["value"], by=request.user)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("The shares and the value are saved. Now lay the contract out."))
            return redirect("contracts:contract_sign", pk)
    context = {"contract": contract, "form": form}
    return render(request, "contracts/agree/parties.html", context, status=form.http_status)


def _missing_value(request: UserRequest, contract: Contract) -> HttpResponse:
    form = ValueForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            set_missing_value(contract=contract, value=form.cleaned_data["value"], by=request.user)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("The value at the start is saved."))
            return redirect("contracts:amendments", contract.pk)
    context = {"contract": contract, "form": form, "in_force": True}
    return render(request, "contracts/agree/parties.html", context, status=form.http_status)


@allow(Role.LEAD, Role.CLM, read=(Role.PROVIDER, Role.AUDITOR))
def promises(request: UserRequest, pk: int) -> HttpResponse:
    """The promises of a contract; the lead and Team CLM take them over from the bid."""
    contract = _contract(request, pk)
    answers = selectors.bid_answers(request.user, contract) if selectors.may_promise(request.user, contract) else []
    form = _promise_form(request, contract, answers)
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            made = take_promise(contract=contract, says=form.said(), by=request.user)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("Promise %(number)s is taken over.") % {"number": made.sequence})
            return redirect("contracts:promises", pk)
    works = works_for_region(request.user, contract.segment.tender, Role.CLM)
    context = {
        "contract": contract,
        "obligations": contract.obligations.select_related("indicator"),
        "answers": answers,
        "form": form,
        "may_meet": works and contract.status == ContractStatus.ACTIVE,
        "today": database_today(),
    }
    return render(request, "contracts/agree/promises.html", context, status=form.http_status if form else 200)


def _promise_form(request: UserRequest, contract: Contract, answers: list[Any]) -> PromiseForm | None:
    if not selectors.may_promise(request.user, contract):
        return None
    chosen = next((one for one in answers if one.code == request.GET.get("vraag")), None)
    initial = {"promise": chosen.text, "source": chosen.source} if chosen else {}
    return PromiseForm(request.POST or None, region=contract.segment.tender.region, initial=initial)


@require_POST
@allow(Role.CLM)
def promise_met(request: UserRequest, pk: int, sequence: int) -> HttpResponse:
    """A promise is kept, today."""
    obligation = get_object_or_404(_contract(request, pk).obligations, sequence=sequence)
    try:
        meet_promise(obligation=obligation, on=database_today(), by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
    else:
        messages.success(request, _("The promise is kept."))
    return redirect("contracts:promises", pk)


@require_safe
@allow(Role.PROVIDER, read=(Role.LEAD, Role.CLM, Role.AUDITOR))
def contract_on(request: UserRequest, pk: int) -> HttpResponse:
    """The contract as it stood on any day."""
    contract = _contract(request, pk)
    form = DayForm(request.GET or None)
    day = (form.cleaned_data["op"] if form.is_valid() else None) or database_today()
    context = {"contract": contract, "form": form, "stood": selectors.standing_on(contract, day)}
    return render(request, "contracts/agree/stood.html", context, status=form.http_status)
