"""The contractor asks to change its subcontractors, answers questions about it, and follows what becomes of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.documents.storage import StorageDown
from achterhoek.errors import RuleViolation
from achterhoek.nlds.forms import NldsForm
from achterhoek.sealing.keyring import KeyServiceDown
from contracts.enums import OPEN_CHANGES, ChangeKind, ChangeStatus
from contracts.forms.change_evidence import EvidenceForm
from contracts.forms.changes import AddSubcontractorForm, AnswerForm, ChangeSubcontractorForm, StopSubcontractorForm
from contracts.models import Contract, Subcontractor, SubcontractorChange
from contracts.rules import is_contractor
from contracts.selectors import changes as selectors
from contracts.selectors.change_evidence import evidence_of, held_evidence
from contracts.selectors.change_history import history_of
from contracts.selectors.contracts import contracts_of_member
from contracts.services.change_evidence import date_evidence, drop_evidence, hold_evidence
from contracts.services.change_talk import answer_question
from contracts.services.subcontractors import request_change, withdraw_change
from providers.services.organisations import create_organisation

OFFICIALS = (Role.LEAD, Role.CLM, Role.AUDITOR, Role.ADMIN)


@allow(Role.PROVIDER)
def change_new(request: UserRequest, pk: int) -> HttpResponse:
    """Ask Team CLM to add a subcontractor."""
    found = _own_contract(request, pk)
    held = held_evidence(found, None, request.user)
    form = AddSubcontractorForm(request.POST or None, request.FILES or None, contract=found, held=held)
    if request.method == "POST":
        valid = form.is_valid()
        _keep_documents(form, found, None, request.user)
        if valid and not form.errors and _added(form, found, request.user):
            return _sent(request, found)
    return _page(request, found, form, "contracts/subcontractorchange/add.html")


@allow(Role.PROVIDER)
def change_stop(request: UserRequest, pk: int, subcontractor_id: int) -> HttpResponse:
    """Ask Team CLM to stop with one subcontractor."""
    found = _own_contract(request, pk)
    subcontractor = _subcontractor(found, subcontractor_id)
    form = StopSubcontractorForm(request.POST or None)
    part = subcontractor.part_of_work
    if request.method == "POST" and _asked(form, found, ChangeKind.STOP, subcontractor, request.user, part):
        return _sent(request, found)
    return _page(request, found, form, "contracts/subcontractorchange/stop.html", subcontractor=subcontractor)


@allow(Role.PROVIDER)
def change_edit(request: UserRequest, pk: int, subcontractor_id: int) -> HttpResponse:
    """Ask Team CLM to change the work of one subcontractor."""
    found = _own_contract(request, pk)
    subcontractor = _subcontractor(found, subcontractor_id)
    form = ChangeSubcontractorForm(request.POST or None, contract=found, subcontractor=subcontractor)
    if request.method == "POST" and _asked(form, found, ChangeKind.CHANGE, subcontractor, request.user):
        return _sent(request, found)
    return _page(request, found, form, "contracts/subcontractorchange/edit.html", subcontractor=subcontractor)


@allow(Role.PROVIDER, read=OFFICIALS)
def change(request: UserRequest, pk: int, change_id: UUID) -> HttpResponse:
    """One request with its whole history; a question of Team CLM is answered here."""
    found = get_object_or_404(selectors.changes_for(request.user).filter(contract=pk), pk=change_id)
    own = is_contractor(request.user, found.contract)
    form = _answer_form(request, found) if own and found.status == ChangeStatus.QUESTIONED else None
    if request.method == "POST":
        if form is None:
            messages.error(request, _("There is no question to answer any more."))
            return redirect("contracts:change", pk, change_id)
        if _answered(form, found, request.user):
            messages.success(request, _("Your answer is sent to Team CLM."))
            return redirect("contracts:change", pk, change_id)
    context = {
        "change": found,
        "contract": found.contract,
        "evidence": evidence_of(found),
        "conditions": selectors.conditions_of(found),
        "letter": selectors.letter_of(found, request.user),
        "events": history_of(found, internal=False),
        "is_contractor": own,
        "may_withdraw": own and found.status in OPEN_CHANGES,
        "form": form,
    }
    status = form.http_status if form else 200
    return render(request, "contracts/subcontractorchange/detail.html", context, status=status)


@require_POST
@allow(Role.PROVIDER)
def change_withdraw(request: UserRequest, pk: int, change_id: UUID) -> HttpResponse:
    """Take a request back before Team CLM decided on it."""
    found = _own_contract(request, pk)
    asked = get_object_or_404(found.subcontractor_changes.all(), pk=change_id)
    try:
        withdraw_change(change=asked, by=request.user)
    except RuleViolation as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Your request is withdrawn."))
    return redirect("contracts:contract", pk=found.pk)


def _own_contract(request: UserRequest, pk: int) -> Contract:
    return get_object_or_404(contracts_of_member(request.user), pk=pk)


def _subcontractor(contract: Contract, pk: int) -> Subcontractor:
    found = contract.subcontractors.select_related("organisation").prefetch_related("subsegments")
    return get_object_or_404(found, pk=pk)


def _answer_form(request: UserRequest, change: SubcontractorChange) -> AnswerForm:
    held = held_evidence(change.contract, change, request.user)
    return AnswerForm(request.POST or None, request.FILES or None, held=held)


def _answered(form: AnswerForm, change: SubcontractorChange, user: Any) -> bool:
    valid = form.is_valid()
    _keep_documents(form, change.contract, change, user)
    if not valid or form.errors:
        return False
    try:
        answer_question(change=change, text=form.cleaned_data["text"], by=user)
    except RuleViolation as error:
        form.refuse(error)
        return False
    return True


def _keep_documents(form: EvidenceForm, contract: Contract, change: SubcontractorChange | None, user: Any) -> None:
    """Keep what was uploaded, whether or not the rest of the form is right: nobody chooses a file twice."""
    days = form.issued()
    for kind, upload in list(form.uploads()):
        try:
            hold_evidence(contract=contract, change=change, kind=kind, upload=upload, issued_on=days.get(kind), by=user)
        except RuleViolation as error:
            form.refuse(error)
        except (StorageDown, KeyServiceDown):
            sorry = _("This file cannot be kept just now. Choose it again in a minute; the rest of the form stays.")
            form.add_error(f"file_{kind}", sorry)
    for kind in form.left_out():
        drop_evidence(contract=contract, change=change, kind=kind, by=user)
    date_evidence(contract=contract, change=change, days=days, by=user)
    form.show_held(held_evidence(contract, change, user))


def _added(form: AddSubcontractorForm, contract: Contract, user: Any) -> bool:
    """Register the newcomer where it is one, and ask; both or neither."""
    data = form.cleaned_data
    try:
        with transaction.atomic():
            organisation = form.organisation or create_organisation(data=form.newcomer(), by=user)
            request_change(
                contract=contract, kind=ChangeKind.ADD, organisation=organisation, by=user,
                part_of_work=data["part_of_work"], subsegments=list(data.get("subsegments", ())),
                effective_on=data["effective_on"], reason=data["reason"], continuity=data["continuity"],
                clients=data["clients"],
            )  # fmt: skip
    except RuleViolation as error:
        form.refuse(error)
        return False
    return True


def _asked(
    form: NldsForm, contract: Contract, kind: ChangeKind, subcontractor: Subcontractor, user: Any, part: str = ""
) -> bool:
    if not form.is_valid():
        return False
    data = form.cleaned_data
    try:
        request_change(
            contract=contract, kind=kind, organisation=subcontractor.organisation, by=user,
            part_of_work=part or data["part_of_work"], subsegments=list(data.get("subsegments", ())),
            effective_on=data["effective_on"], reason=data["reason"], continuity=data["continuity"],
            clients=data["clients"],
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
