"""A bidder's pages: the dates of a decision and what it can still do, filing an objection or a complaint."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from procurement.domain.standstill import OPEN
from procurement.forms.objections import FileForm, TakeBackForm
from procurement.selectors.letters import decision_number
from procurement.selectors.objections import (
    letters_about,
    objection_events,
    own_bidders,
    own_decision,
    own_objections,
    tells_outcome,
    told_decisions,
)
from procurement.services.objection_handling import withdraw_objection
from procurement.services.objections import file_objection


@allow(Role.PROVIDER)
def decision_own(request: UserRequest, pk: int) -> HttpResponse:
    """A decision that was sent to one's organisation: its dates, what one can do, and what one filed."""
    decision = get_object_or_404(told_decisions(request.user), pk=pk)
    now = database_now()
    letters = letters_about(request.user, decision)
    context = {
        "own": own_decision(decision, timezone.localdate(now)),
        "decision": decision,
        "number": decision_number(decision),
        "tender": decision.segment_round.round.tender,
        "letters": letters,
        "outcomes": [letter for letter in letters if tells_outcome(letter)],
        "objections": list(own_objections(request.user).filter(decision=decision)),
        "now": now,
    }
    return render(request, "procurement/objection/decision_own.html", context)


@allow(Role.PROVIDER)
def file(request: UserRequest, pk: int) -> HttpResponse:
    """File an objection or a complaint."""
    decision = get_object_or_404(told_decisions(request.user), pk=pk)
    organisations = own_bidders(request.user, decision)
    if not organisations:
        raise Http404
    posted = request.method == "POST"
    form = FileForm(request.POST if posted else None, request.FILES if posted else None, organisations=organisations)
    if posted and form.is_valid():
        data = form.cleaned_data
        try:
            made = file_objection(
                decision=decision, organisation=form.organisation_chosen(), kind=data["kind"],
                grounds=data["grounds"], upload=data["file"], by=request.user,
            )  # fmt: skip
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            text = _("Received, with number %(number)s. You get a receipt by mail.") % {"number": made.number}
            messages.success(request, text)
            return redirect("procurement:objection_own", pk=made.pk)
    now = database_now()
    context = {
        "form": form,
        "own": own_decision(decision, timezone.localdate(now)),
        "decision": decision,
        "number": decision_number(decision),
        "tender": decision.segment_round.round.tender,
        "now": now,
    }
    return render(request, "procurement/objection/file.html", context, status=form.http_status)


@allow(Role.PROVIDER)
def own(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """What one's organisation filed: its state, the answer, what happened; and taking it back."""
    found = get_object_or_404(own_objections(request.user), pk=pk)
    form = TakeBackForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_objection(objection=found, reason=form.cleaned_data["reason"], by=request.user)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("You have taken it back."))
            return redirect("procurement:objection_own", pk=pk)
    context = {
        "objection": found,
        "decision": found.decision,
        "tender": found.decision.segment_round.round.tender,
        "running": found.status in OPEN,
        "events": objection_events(found, names=False),
        "form": form if found.status in OPEN or form.is_bound else None,
    }
    return render(request, "procurement/objection/own.html", context, status=form.http_status)
