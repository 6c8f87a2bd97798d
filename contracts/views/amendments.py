"""Amendments of a contract: all of them with the meter of small changes, and what becomes of one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.documents.storage import StorageDown
from achterhoek.errors import RuleViolation
from contracts.enums import AmendmentStatus, ContractStatus
from contracts.forms.amendments import SignAmendmentForm
from contracts.models import Amendment, Contract
from contracts.selectors import contracts as selectors
from contracts.selectors.amendments import amendments_of, meter_of, text_digest
from contracts.selectors.parties import last_parties, parties_after
from contracts.services.amendments import drop_amendment, sign_amendment
from procurement.rules import works_for_region

READERS = (Role.PROVIDER, Role.LEAD, Role.AUDITOR)


def _contract(request: UserRequest, pk: int) -> Contract:
    return get_object_or_404(selectors.contract_detail(request.user), pk=pk)


def _works(request: UserRequest, contract: Contract) -> bool:
    return works_for_region(request.user, contract.segment.tender, Role.CLM)


@require_safe
@allow(Role.CLM, read=READERS)
def amendments(request: UserRequest, pk: int) -> HttpResponse:
    """All amendments of a contract."""
    contract = _contract(request, pk)
    context = {
        "contract": contract,
        "amendments": amendments_of(request.user, contract),
        "meter": meter_of(contract),
        "may_write": _works(request, contract) and contract.status == ContractStatus.ACTIVE,
        "parties": last_parties(contract) if contract.consortium_id else [],
    }
    return render(request, "contracts/amendment/list.html", context)


@allow(Role.CLM, read=READERS)
def amendment(request: UserRequest, pk: int, sequence: int) -> HttpResponse:
    """One amendment; Team CLM puts it in force when both sides signed."""
    contract = _contract(request, pk)
    found = get_object_or_404(amendments_of(request.user, contract), sequence=sequence)
    form = None
    if found.status == AmendmentStatus.DRAFT and _works(request, contract):
        form = SignAmendmentForm(request.POST or None, request.FILES or None, initial={"seen": text_digest(found)})
    if form is not None and request.method == "POST" and form.is_valid() and _signed(request, found, form):
        return redirect("contracts:amendment", pk, sequence)
    context = {"contract": contract, "amendment": found, "form": form, "consortium": parties_after(found)}
    return render(request, "contracts/amendment/detail.html", context, status=form.http_status if form else 200)


def _signed(request: UserRequest, found: Amendment, form: SignAmendmentForm) -> bool:
    try:
        sign_amendment(
            amendment=found, by=request.user, upload=form.cleaned_data["file"], seen=form.cleaned_data["seen"]
        )
    except RuleViolation as violation:
        # What is signed next is the text that is shown now.
        form.data = {**request.POST.dict(), "seen": text_digest(found)}
        form.refuse(violation)
        return False
    except StorageDown:
        form.add_error(
            "file", _("This file cannot be kept just now. Choose it again in a minute; the rest of the form stays.")
        )
        return False
    messages.success(request, _("The amendment is in force. The contractor gets a letter."))
    return True


@require_POST
@allow(Role.CLM)
def amendment_drop(request: UserRequest, pk: int, sequence: int) -> HttpResponse:
    """Drop a draft."""
    found = get_object_or_404(amendments_of(request.user, _contract(request, pk)), sequence=sequence)
    try:
        drop_amendment(amendment=found, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
    else:
        messages.success(request, _("The draft is dropped."))
    return redirect("contracts:amendments", pk)
