"""How a contract is paid for: funding and tariffs, set and followed up by Team CLM."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from contracts.forms.tariffs import FundingForm, TariffForm
from contracts.models import Contract
from contracts.selectors import money as selectors
from contracts.services.tariffs import Price, set_funding, set_tariff, withdraw_tariff
from contracts.views.money import contract_or_404
from procurement.rules import works_for_region


@allow(Role.CLM)
def money_tariffs(request: UserRequest, pk: int) -> HttpResponse:
    """Set a tariff from a day on, or how the contract is paid for."""
    contract = _own(request, pk)
    of_tariff = request.method == "POST" and any(name.startswith("tarief-") for name in request.POST)
    tariff = TariffForm(request.POST if of_tariff else None, contract=contract)
    funding = FundingForm(request.POST if request.method == "POST" and not of_tariff else None, contract=contract)
    if of_tariff and tariff.is_valid() and _tariff_set(request, contract, tariff):
        return redirect("contracts:money", pk)
    if request.method == "POST" and not of_tariff and funding.is_valid() and _funding_set(request, contract, funding):
        return redirect("contracts:money", pk)
    context = {
        "contract": contract,
        "tariff": tariff,
        "funding": funding,
        "tariffs": selectors.tariffs_of(contract, database_today()),
        "may_work": True,
    }
    status = max(tariff.http_status, funding.http_status)
    return render(request, "contracts/money/tariffs.html", context, status=status)


def _own(request: UserRequest, pk: int) -> Contract:
    contract = contract_or_404(request, pk)
    if not works_for_region(request.user, contract.segment.tender, Role.CLM):
        raise Http404
    return contract


def _tariff_set(request: UserRequest, contract: Contract, form: TariffForm) -> bool:
    data = form.cleaned_data
    price = Price(data["subsegment"], data["unit"], data["price"], data["start"])
    try:
        set_tariff(contract=contract, price=price, by=request.user)
    except RuleViolation as violation:
        form.refuse(violation)
        return False
    messages.success(request, _("The tariff is saved."))
    return True


def _funding_set(request: UserRequest, contract: Contract, form: FundingForm) -> bool:
    data = form.cleaned_data
    try:
        set_funding(
            contract=contract, subsegment=data["subsegment"], model=data["model"], provisional=data["provisional"],
            note=data["note"], by=request.user,
        )  # fmt: skip
    except RuleViolation as violation:
        form.refuse(violation)
        return False
    messages.success(request, _("The funding is saved."))
    return True


@require_POST
@allow(Role.CLM)
def tariff_withdraw(request: UserRequest, pk: int, tariff_id: int) -> HttpResponse:
    """Take back the last tariff of its work."""
    contract = _own(request, pk)
    rows = selectors.tariffs_of(contract, database_today())
    row = next((one for one in rows if one.tariff.pk == tariff_id), None)
    if row is None:
        raise Http404
    try:
        withdraw_tariff(tariff=row.tariff, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
    else:
        messages.success(request, _("The tariff is taken back."))
    return redirect("contracts:money_tariffs", pk)
