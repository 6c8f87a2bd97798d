"""Handling what is brought against a decision: the lead's pages and those of the complaints officer."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from procurement.domain.standstill import OPEN
from procurement.enums import ObjectionKind, ObjectionStatus
from procurement.forms.objections import AnswerObjectionForm, RegisterForm, TakeBackForThemForm
from procurement.models import Objection
from procurement.rules import is_lead
from procurement.selectors.decisions import visible_decisions
from procurement.selectors.final_award import final_hindrances
from procurement.selectors.letters import decision_number
from procurement.selectors.objections import (
    bidders_of,
    complaints_home,
    handled_objections,
    is_complaints_officer,
    is_independent,
    may_handle,
    objection_events,
    objections_against,
    own_decision,
)
from procurement.services.objection_handling import reject, take_up, uphold, withdraw_objection
from procurement.services.objections import register_objection


@allow(Role.LEAD, read=(Role.AUDITOR,))
def against(request: UserRequest, pk: int) -> HttpResponse:
    """All that was brought against a decision, the countdown, and what still holds up the award."""
    decision = get_object_or_404(visible_decisions(request.user).filter(sent_at__isnull=False), pk=pk)
    now = database_now()
    today = timezone.localdate(now)
    context = {
        "own": own_decision(decision, today),
        "decision": decision,
        "number": decision_number(decision),
        "segment_round": decision.segment_round,
        "tender": decision.segment_round.round.tender,
        "objections": objections_against(request.user, decision),
        "hindrances": final_hindrances(decision, today),
        "works_here": is_lead(request.user, decision.segment_round.round.tender),
        "now": now,
    }
    return render(request, "procurement/objection/against.html", context)


@allow(Role.LEAD)
def register(request: UserRequest, pk: int) -> HttpResponse:
    """Write down what came on paper, or a writ for interim relief."""
    decision = get_object_or_404(visible_decisions(request.user).filter(sent_at__isnull=False), pk=pk)
    if not is_lead(request.user, decision.segment_round.round.tender):
        raise Http404
    posted = request.method == "POST"
    form = RegisterForm(
        request.POST if posted else None, request.FILES if posted else None, organisations=bidders_of(decision)
    )
    if posted and form.is_valid():
        data = form.cleaned_data
        try:
            made = register_objection(
                decision=decision, organisation=form.organisation_chosen(), kind=data["kind"],
                grounds=data["grounds"], received_at=data["received_at"], court=data["court"],
                case_number=data["case_number"], hearing_on=data["hearing_on"], upload=data["file"], by=request.user,
            )  # fmt: skip
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("Written down, with number %(number)s.") % {"number": made.number})
            return redirect("procurement:objection", pk=made.pk)
    context = {
        "form": form,
        "decision": decision,
        "number": decision_number(decision),
        "tender": decision.segment_round.round.tender,
    }
    return render(request, "procurement/objection/register.html", context, status=form.http_status)


@allow(Role.LEAD, Role.COMPLAINTS, read=(Role.AUDITOR,))
def detail(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """One objection: what it says, the answer, and what follows."""
    found = get_object_or_404(handled_objections(request.user), pk=pk)
    posted = request.method == "POST"
    form = AnswerObjectionForm(request.POST if posted else None, objection=found)
    if posted and form.is_valid():
        try:
            _answer(request, found, form)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("The answer is recorded. The organisation gets a mail."))
            return redirect("procurement:objection", pk=pk)
    return render(request, "procurement/objection/detail.html", _page(request, found, form), status=form.http_status)


def _answer(request: UserRequest, found: Objection, form: AnswerObjectionForm) -> None:
    data = form.cleaned_data
    told = {"objection": found, "answer": data["answer"], "judged_on": data.get("judged_on"), "by": request.user}
    if data["outcome"] == ObjectionStatus.UPHELD:
        uphold(consequence=data["consequence"], **told)
    else:
        reject(**told)


def _page(request: UserRequest, found: Objection, form: AnswerObjectionForm) -> dict[str, object]:
    handles = may_handle(request.user, found)
    complaint = found.kind == ObjectionKind.COMPLAINT
    officer = complaint and is_complaints_officer(request.user)
    return {
        "objection": found,
        "decision": found.decision,
        "number": decision_number(found.decision),
        "segment_round": found.decision.segment_round,
        "tender": found.decision.segment_round.round.tender,
        "complaint": complaint,
        "officer": officer,
        "had_a_part": officer and not is_independent(request.user, found.decision),
        "may_read_decision": visible_decisions(request.user).filter(pk=found.decision_id).exists(),
        "handles": handles,
        "running": found.status in OPEN,
        "works_here": is_lead(request.user, found.decision.segment_round.round.tender),
        "events": objection_events(found, names=True),
        "form": form if (handles and found.status == ObjectionStatus.IN_REVIEW) or form.is_bound else None,
    }


@allow(Role.LEAD, Role.COMPLAINTS)
@require_POST
def take(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """Take it up."""
    found = get_object_or_404(handled_objections(request.user), pk=pk)
    try:
        take_up(objection=found, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
    else:
        messages.success(request, _("You handle it from now on. The organisation gets a mail."))
    return redirect("procurement:objection", pk=pk)


@allow(Role.LEAD, Role.COMPLAINTS)
def withdraw(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """Record that the organisation took it back."""
    found = get_object_or_404(handled_objections(request.user), pk=pk)
    form = TakeBackForThemForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_objection(objection=found, reason=form.cleaned_data["reason"], by=request.user)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("It is recorded as taken back. The organisation gets a mail."))
            return redirect("procurement:objection", pk=pk)
    context = {"form": form, "objection": found, "decision": found.decision}
    return render(request, "procurement/objection/withdraw.html", context, status=form.http_status)


@allow(Role.COMPLAINTS, read=(Role.AUDITOR,))
def complaints(request: UserRequest) -> HttpResponse:
    """The room of the complaints officer: what waits for an answer, and what ended."""
    waiting, ended = complaints_home(request.user)
    return render(request, "procurement/objection/complaints.html", {"waiting": waiting, "ended": ended})
