"""Signing a contract: laid out by the lead or Team CLM, signed by the contractor in the portal or on paper."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.clock import database_today
from achterhoek.documents.storage import StorageDown
from achterhoek.errors import RuleViolation
from contracts.enums import ContractStatus, SigningSide
from contracts.forms.agree import RecordSignatureForm, SignForm
from contracts.models import Contract
from contracts.rules import signs_for_contractor
from contracts.selectors import contracts as selectors
from contracts.selectors.signing import document_that_holds, sides_to_sign, signatures_of
from contracts.services.contract_documents import offer_contract
from contracts.services.signing import Signed, sign_contract


@allow(Role.LEAD, Role.CLM)
def contract_sign(request: UserRequest, pk: int) -> HttpResponse:
    """How the signing stands, and what one side signed, written down."""
    contract = get_object_or_404(selectors.contract_detail(request.user), pk=pk)
    sides = sides_to_sign(contract) if contract.status == ContractStatus.PREPARED else []
    form = RecordSignatureForm(request.POST or None, request.FILES or None, sides=sides) if sides else None
    if request.method == "POST" and form is None:
        messages.error(request, _("This contract was signed already."))
    elif form is not None and request.method == "POST" and form.is_valid() and _recorded(request, contract, form):
        return redirect("contracts:contract_sign", pk)
    context = {
        "contract": contract,
        "document": document_that_holds(contract),
        "signatures": signatures_of(contract),
        "nobody_signed": len(sides) == len(SigningSide),
        "form": form,
    }
    return render(request, "contracts/agree/sign.html", context, status=form.http_status if form else 200)


def _recorded(request: UserRequest, contract: Contract, form: RecordSignatureForm) -> bool:
    data = form.cleaned_data
    says = Signed(data["name"], data["function"], data["signed_on"])
    try:
        contract = sign_contract(
            contract=contract, side=data["side"], says=says, by=request.user, upload=data["file"]
        )  # fmt: skip
    except RuleViolation as violation:
        form.refuse(violation)
        return False
    except StorageDown:
        form.add_error(
            "file", _("This file cannot be kept just now. Choose it again in a minute; the rest of the form stays.")
        )
        return False
    _tell(request, contract)
    return True


def _tell(request: UserRequest, contract: Contract) -> None:
    if contract.status == ContractStatus.ACTIVE:
        text = _("Contract %(number)s is signed by both sides, and in force from its start.")
    else:
        text = _("The signature under contract %(number)s is recorded. The other side still has to sign.")
    messages.success(request, text % {"number": contract.number})


@require_POST
@allow(Role.LEAD, Role.CLM)
def contract_offer(request: UserRequest, pk: int) -> HttpResponse:
    """Lay the contract out for signing, and tell the contractor."""
    contract = get_object_or_404(selectors.contract_detail(request.user), pk=pk)
    try:
        offer_contract(contract=contract, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
    else:
        messages.success(request, _("The contract is laid out for signing. The contractor gets an e-mail."))
    return redirect("contracts:contract_sign", pk)


@allow(Role.PROVIDER)
def contract_own_sign(request: UserRequest, pk: int) -> HttpResponse:
    """The contractor reads the contract, and signs it."""
    contract = get_object_or_404(selectors.contract_detail(request.user), pk=pk)
    document = document_that_holds(contract)
    waiting = contract.status == ContractStatus.PREPARED and SigningSide.CONTRACTOR in sides_to_sign(contract)
    may_sign = signs_for_contractor(request.user, contract)
    form = None
    if waiting and document is not None and may_sign:
        form = SignForm(request.POST or None, initial={"name": str(request.user), "seen": document.pk})
    if form is not None and document is not None and request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        says = Signed(data["name"], data["function"], database_today())
        try:
            contract = sign_contract(
                contract=contract, side=SigningSide.CONTRACTOR, says=says, by=request.user, seen=data["seen"]
            )
        except RuleViolation as violation:
            # What is signed next is the text that is shown now.
            form.data = {**request.POST.dict(), "seen": document.pk}
            form.refuse(violation)
        else:
            _tell(request, contract)
            return redirect("contracts:contract", pk)
    context = {
        "contract": contract,
        "document": document,
        "signatures": signatures_of(contract),
        "waiting": waiting,
        "may_sign": may_sign,
        "form": form,
        "today": database_today(),
    }
    return render(request, "contracts/agree/own_sign.html", context, status=form.http_status if form else 200)
