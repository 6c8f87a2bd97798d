"""Asking for clarification, and answering: the lead's pages and the provider's."""

from __future__ import annotations

import uuid
from datetime import datetime, time

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from procurement.calendar_data import legal_calendar
from procurement.domain.clarification import DEFAULT_HOUR, default_due_day
from procurement.forms.completeness import AnswerForm, AskForm, point_named
from procurement.rules import is_lead
from procurement.selectors.completeness import (
    answer_lines,
    managed_request,
    own_clarification,
    points_in_use,
    waiting_for,
)
from procurement.services.clarifications import answer_clarification, ask_clarification
from procurement.views.completeness import round_or_404


@allow(Role.LEAD)
def clarification_ask(request: UserRequest, pk: int) -> HttpResponse:
    """Ask all who have the same point to clarify; the point stands in the address (`?punt=`)."""
    found = round_or_404(request, pk)
    if not is_lead(request.user, found.tender):
        raise Http404
    point = point_named(points_in_use(found), request.GET.get("punt", ""))
    if point is None:
        raise Http404
    now = database_now()
    waiting = waiting_for(found, point)
    posted = request.POST if request.method == "POST" else None
    form = AskForm(posted, submissions=waiting, initial={"subject": point, "due_at": _default_due(now)})
    if posted is not None and form.is_valid():
        data = form.cleaned_data
        try:
            made = ask_clarification(
                round=found, point=point, submissions=form.chosen(), subject=data["subject"], text=data["text"],
                due_at=data["due_at"], difference=data.get("difference", ""), by=request.user,
            )  # fmt: skip
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            sent = len(form.chosen())
            text = ngettext(
                "The question is sent to %(count)d organisation.",
                "The question is sent to %(count)d organisations.",
                sent,
            )
            messages.success(request, text % {"count": sent})
            return redirect("procurement:clarification_request", pk=made.pk)
    context = {"round": found, "tender": found.tender, "form": form, "point": point, "waiting": waiting, "now": now}
    return render(request, "procurement/completeness/ask.html", context, status=form.http_status)


def _default_due(now: datetime) -> datetime:
    """The end of the second working day, at 17:00 Dutch time."""
    day = default_due_day(timezone.localdate(now), calendar=legal_calendar())
    return timezone.make_aware(datetime.combine(day, time(DEFAULT_HOUR)))


@allow(Role.LEAD, read=(Role.AUDITOR,))
def clarification_request(request: UserRequest, pk: int) -> HttpResponse:
    """A question with its answers side by side: who answered at once, what they wrote when nobody can gain by it."""
    found = managed_request(request.user, pk)
    if found is None:
        raise Http404
    now = database_now()
    lines = answer_lines(request.user, found)
    answered = sum(line.answered_at is not None for line in lines)
    context = {
        "asked": found,
        "round": found.round,
        "tender": found.round.tender,
        "lines": lines,
        "answered": answered,
        "running": now < found.due_at,
        "readable": now >= found.due_at or answered == len(lines),
        "now": now,
        "may_act": is_lead(request.user, found.round.tender),
    }
    return render(request, "procurement/completeness/request.html", context)


@allow(Role.PROVIDER)
def clarification(request: UserRequest, pk: uuid.UUID, request_pk: int) -> HttpResponse:
    """The question to one's own organisation, and the answer; the bid itself stays as it is."""
    found = own_clarification(request.user, pk, request_pk)
    if found is None:
        raise Http404
    posted = request.method == "POST"
    form = AnswerForm(request.POST if posted else None, request.FILES if posted else None, clarification=found)
    if posted and form.is_valid():
        data = form.cleaned_data
        try:
            answer_clarification(
                clarification=found, answer=data["answer"], upload=data["file"],
                drop_file=data.get("drop_file", False), by=request.user,
            )  # fmt: skip
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("Your answer is received. You can change it until the term ends."))
            return redirect("procurement:clarification", pk=pk, request_pk=request_pk)
    now = database_now()
    running = now < found.request.due_at
    context = {
        "clarification": found,
        "asked": found.request,
        "submission": found.submission,
        "round": found.submission.round,
        "tender": found.submission.round.tender,
        # What was typed too late is shown once more, so that nothing is lost; it cannot be sent any more.
        "form": form if running or form.is_bound else None,
        "running": running,
        "now": now,
    }
    return render(request, "procurement/completeness/answer.html", context, status=form.http_status)
