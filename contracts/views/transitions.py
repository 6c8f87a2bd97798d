"""Transitions: the list of Team CLM, what is arranged, and the counts of both contractors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.accounts.roles import has_role
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from achterhoek.nlds.forms import NldsForm
from contracts.enums import TransitionStatus
from contracts.forms.transitions import CountForm, DropForm, TransitionForm
from contracts.models import Contract, TransitionArrangement
from contracts.selectors import transitions as selectors
from contracts.selectors.contracts import contract_detail
from contracts.services.transitions import (
    Told,
    agree_transition,
    change_transition,
    drop_transition,
    finish_transition,
    propose_transition,
    tell_count,
)
from procurement.rules import works_for_region

T = TypeVar("T")
READERS = (Role.LEAD, Role.AUDITOR)


@allow(Role.CLM, read=READERS)
def transitions(request: UserRequest) -> HttpResponse:
    """All arrangements with their progress, and the contracts that end without one."""
    today = database_today()
    rows = selectors.transition_rows(request.user, today)
    context = {
        "running": [row for row in rows if row.arrangement.status in selectors.RUNNING],
        "closed": [row for row in rows if row.arrangement.status not in selectors.RUNNING],
        "open_ends": selectors.by_contract(selectors.open_ends(request.user, today)),
        "may_work": has_role(request.user, Role.CLM),
    }
    return render(request, "contracts/transition/list.html", context)


@allow(Role.CLM)
def transition_new(request: UserRequest, pk: int) -> HttpResponse:
    """A new arrangement of a contract that ends."""
    contract = get_object_or_404(contract_detail(request.user), pk=pk)
    _require_work(request, contract)
    if not selectors.ends_of_contract(contract):
        return render(request, "contracts/transition/form.html", {"contract": contract, "form": None})
    asked = request.GET.get("gemeente", "")
    initial = {"municipality": int(asked)} if asked.isdecimal() and len(asked) < 10 else {}
    form = TransitionForm(request.POST or None, contract=contract, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = _tried(form, lambda: propose_transition(contract=contract, given=form.given, by=request.user))
        if made is not None:
            messages.success(request, _("The arrangement is saved as a proposal."))
            return redirect("contracts:transition", made.pk)
    context = {"contract": contract, "form": form}
    return render(request, "contracts/transition/form.html", context, status=form.http_status)


@allow(Role.CLM)
def transition_change(request: UserRequest, arrangement_id: int) -> HttpResponse:
    """Change a proposal."""
    row = _row(request, arrangement_id)
    arrangement = row.arrangement
    _require_work(request, arrangement.old_contract)
    if arrangement.status != TransitionStatus.PROPOSED:
        raise Http404
    form = TransitionForm(request.POST or None, contract=arrangement.old_contract, arrangement=arrangement)
    if request.method == "POST" and form.is_valid():
        made = _tried(form, lambda: change_transition(arrangement=arrangement, given=form.given, by=request.user))
        if made is not None:
            messages.success(request, _("The proposal is changed."))
            return redirect("contracts:transition", arrangement_id)
    context = {"contract": arrangement.old_contract, "form": form, "arrangement": arrangement}
    return render(request, "contracts/transition/form.html", context, status=form.http_status)


@allow(Role.CLM, Role.PROVIDER, read=READERS)
def transition(request: UserRequest, arrangement_id: int) -> HttpResponse:
    """One arrangement, its counts, and a new count."""
    row = _row(request, arrangement_id)
    arrangement = row.arrangement
    telling = arrangement.status == TransitionStatus.AGREED and selectors.may_tell(request.user, arrangement)
    form = CountForm(request.POST or None, initial={"on": database_today()}) if telling else None
    if request.method == "POST" and form is None:
        raise Http404
    if request.method == "POST" and form is not None and form.is_valid():
        told = Told(**form.cleaned_data)
        if _tried(form, lambda: tell_count(arrangement=arrangement, told=told, by=request.user)):
            messages.success(request, _("The count is saved."))
            return redirect("contracts:transition", arrangement_id)
    return _page(request, row, form)


@require_POST
@allow(Role.CLM)
def transition_agree(request: UserRequest, arrangement_id: int) -> HttpResponse:
    """Both contractors agreed."""
    return _step(request, arrangement_id, agree_transition, _("It is recorded that both contractors agreed."))


@require_POST
@allow(Role.CLM)
def transition_finish(request: UserRequest, arrangement_id: int) -> HttpResponse:
    """All clients are handed over."""
    return _step(request, arrangement_id, finish_transition, _("It is recorded that all clients are handed over."))


@allow(Role.CLM)
def transition_drop(request: UserRequest, arrangement_id: int) -> HttpResponse:
    """Drop an arrangement, with the reason."""
    row = _row(request, arrangement_id)
    _require_work(request, row.arrangement.old_contract)
    if row.arrangement.status not in selectors.RUNNING:
        raise Http404
    form = DropForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if _tried(form, lambda: drop_transition(arrangement=row.arrangement, reason=reason, by=request.user)):
            messages.success(request, _("The arrangement is dropped."))
            return redirect("contracts:transition", arrangement_id)
    context = {"row": row, "arrangement": row.arrangement, "contract": row.arrangement.old_contract, "form": form}
    return render(request, "contracts/transition/drop.html", context, status=form.http_status)


def _row(request: UserRequest, arrangement_id: int) -> selectors.TransitionRow:
    arrangement = get_object_or_404(selectors.arrangements(request.user), pk=arrangement_id)
    return selectors.row_of(arrangement, database_today())


def _require_work(request: UserRequest, contract: Contract) -> None:
    if not works_for_region(request.user, contract.segment.tender, Role.CLM):
        raise Http404


def _tried(form: NldsForm, write: Callable[[], T]) -> T | None:
    """What the service wrote, or None with the broken rule on the form."""
    try:
        return write()
    except RuleViolation as violation:
        form.refuse(violation)
        return None


def _step(
    request: UserRequest, arrangement_id: int, step: Callable[..., TransitionArrangement], done: str
) -> HttpResponse:
    row = _row(request, arrangement_id)
    _require_work(request, row.arrangement.old_contract)
    try:
        step(arrangement=row.arrangement, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
    else:
        messages.success(request, done)
    return redirect("contracts:transition", arrangement_id)


def _page(request: UserRequest, row: selectors.TransitionRow, form: NldsForm | None) -> HttpResponse:
    contract = row.arrangement.old_contract
    context: dict[str, Any] = {
        "row": row,
        "arrangement": row.arrangement,
        "contract": contract,
        "form": form,
        "may_work": works_for_region(request.user, contract.segment.tender, Role.CLM),
        "is_official": has_role(request.user, Role.CLM, *READERS),
        "runs": row.arrangement.status in selectors.RUNNING,
    }
    status = form.http_status if form is not None else 200
    return render(request, "contracts/transition/detail.html", context, status=status)
