"""The contractor's own contract: what it says, and asking to change its subcontractors."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from achterhoek.nlds.forms import NldsForm
from achterhoek.panels import panels_for
from contracts.enums import ChangeKind, ContractStatus
from contracts.forms.changes import AddSubcontractorForm, StopSubcontractorForm
from contracts.models import Contract, Subcontractor
from contracts.rules import is_contractor, last_day_of
from contracts.selectors import contracts as selectors
from contracts.services.subcontractors import request_change, withdraw_change
from providers.services.organisations import create_organisation

OFFICIALS = (Role.LEAD, Role.CLM, Role.AUDITOR, Role.ADMIN)


@require_safe
@allow(Role.PROVIDER, read=OFFICIALS)
def contract(request: UserRequest, pk: int) -> HttpResponse:
    """Parties, terms, subcontractors, and the history of changes."""
    found = get_object_or_404(selectors.contract_detail(request.user), pk=pk)
    today = database_today()
    own = is_contractor(request.user, found)
    request.panel_object = found  # type: ignore[attr-defined]
    context = {
        "contract": found,
        "panels": panels_for("contract", request),
        "terms": selectors.term_rows(found, today),
        "last_day": last_day_of(found),
        "subcontractors": selectors.subcontractors_of(found, today),
        "may_change": own and found.status == ContractStatus.ACTIVE,
        "is_contractor": own,
    }
    return render(request, "contracts/contract/detail.html", context)


@allow(Role.PROVIDER)
def change_new(request: UserRequest, pk: int) -> HttpResponse:
    """Ask Team CLM to add a subcontractor."""
    found = _own_contract(request, pk)
    form = AddSubcontractorForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _added(form, found, request.user):
        return _sent(request, found)
    return _page(request, found, form, "contracts/subcontractorchange/add.html")


@allow(Role.PROVIDER)
def change_stop(request: UserRequest, pk: int, subcontractor_id: int) -> HttpResponse:
    """Ask Team CLM to stop with one subcontractor."""
    found = _own_contract(request, pk)
    subcontractor = get_object_or_404(found.subcontractors.select_related("organisation"), pk=subcontractor_id)
    form = StopSubcontractorForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _stopped(form, found, subcontractor, request.user):
        return _sent(request, found)
    return _page(request, found, form, "contracts/subcontractorchange/stop.html", subcontractor=subcontractor)


@require_POST
@allow(Role.PROVIDER)
def change_withdraw(request: UserRequest, pk: int, change_id: UUID) -> HttpResponse:
    """Take a request back before Team CLM decided on it."""
    found = _own_contract(request, pk)
    change = get_object_or_404(found.subcontractor_changes.all(), pk=change_id)
    try:
        withdraw_change(change=change, by=request.user)
    except RuleViolation as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Your request is withdrawn."))
    return redirect("contracts:contract", pk=found.pk)


def _own_contract(request: UserRequest, pk: int) -> Contract:
    return get_object_or_404(selectors.contracts_of_member(request.user), pk=pk)


def _added(form: AddSubcontractorForm, contract: Contract, user: Any) -> bool:
    """Register the newcomer where it is one, and ask; both or neither."""
    data = form.cleaned_data
    try:
        with transaction.atomic():
            organisation = form.organisation or create_organisation(data=form.newcomer(), by=user)
            request_change(
                contract=contract, kind=ChangeKind.ADD, organisation=organisation, by=user,
                part_of_work=data["part_of_work"], effective_on=data["effective_on"], reason=data["reason"],
            )  # fmt: skip
    except RuleViolation as error:
        form.refuse(error)
        return False
    return True


def _stopped(form: StopSubcontractorForm, contract: Contract, subcontractor: Subcontractor, user: Any) -> bool:
    data = form.cleaned_data
    try:
        request_change(
            contract=contract, kind=ChangeKind.STOP, organisation=subcontractor.organisation, by=user,
            part_of_work=subcontractor.part_of_work, effective_on=data["effective_on"], reason=data["reason"],
            continuity=data["continuity"],
        )  # fmt: skip
    except RuleViolation as error:
        form.refuse(error)
        return False
    return True


def _sent(request: UserRequest, contract: Contract) -> HttpResponse:
    messages.success(request, _("Your request is sent to Team CLM. You get the decision by e-mail, and see it here."))
    return redirect("contracts:contract", pk=contract.pk)


def _page(request: UserRequest, contract: Contract, form: NldsForm, template: str, **extra: Any) -> HttpResponse:
    return render(request, template, {"contract": contract, "form": form, **extra}, status=form.http_status)
