"""The lead's pages of a decision: propose, adopt, send, finalise, withdraw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from procurement.enums import DecisionStatus, Outcome, Stage
from procurement.forms.decisions import ProposeForm, WithdrawForm
from procurement.models import Decision
from procurement.rules import is_lead
from procurement.selectors.coverage import beside
from procurement.selectors.decisions import (
    college_lines,
    decision_events,
    letter_lines,
    may_finalise,
    ranked_lines,
    standstill_moment,
    visible_decisions,
)
from procurement.selectors.evaluation import managed_segment_rounds
from procurement.selectors.letter_gaps import letter_gaps
from procurement.selectors.letters import decision_number, letter_source, notice_dates_of
from procurement.selectors.ranking import latest_ranking
from procurement.services.decisions import (
    finalise_award,
    propose_decision,
    request_sending,
    withdraw_decision,
)


@allow(Role.LEAD)
def propose(request: UserRequest, pk: int) -> HttpResponse:
    """Look at the newest ranking once more, and propose the decision on it."""
    segment_round = get_object_or_404(managed_segment_rounds(request.user), pk=pk)
    ranking = latest_ranking(segment_round)
    form = ProposeForm(initial={"ranking": ranking.pk if ranking else None})
    if request.method == "POST":
        form = ProposeForm(request.POST)
        if form.is_valid():
            try:
                decision = propose_decision(
                    segment_round=segment_round,
                    note=form.cleaned_data["note"],
                    ranking_id=form.cleaned_data["ranking"],
                    by=request.user,
                )
            except RuleViolation as violation:
                form.refuse(violation)
            else:
                messages.success(request, _("The decision is proposed."))
                return redirect("procurement:decision", pk=decision.pk)
    lines = ranked_lines(ranking) if ranking else []
    context = {
        "form": form,
        "segment_round": segment_round,
        "tender": segment_round.round.tender,
        "ranking": ranking,
        "lines": lines,
        "beside": beside(segment_round) if ranking else None,
        "award": segment_round.round.stage == Stage.AWARD,
        "draw_needed": any(line.outcome == Outcome.PENDING_DRAW for line in lines),
    }
    return render(request, "procurement/decision/propose.html", context, status=form.http_status)


@allow(Role.LEAD, read=(Role.AUDITOR,))
def detail(request: UserRequest, pk: int) -> HttpResponse:
    """A decision: the ranking it is on, who gets what, how far it is, and the next step."""
    decision = get_object_or_404(visible_decisions(request.user), pk=pk)
    return render(request, "procurement/decision/detail.html", _page(request, decision))


def _page(request: UserRequest, decision: Decision) -> dict[str, Any]:
    colleges, letters, today = college_lines(decision), letter_lines(decision), database_today()
    latest = latest_ranking(decision.segment_round)
    gaps = letter_gaps(letter_source(decision=decision)) if decision.status == DecisionStatus.ADOPTED else []
    made = sum(line.file_id is not None for line in letters)
    return {
        "decision": decision,
        "number": decision_number(decision),
        "segment_round": decision.segment_round,
        "tender": decision.segment_round.round.tender,
        "award": decision.segment_round.round.stage == Stage.AWARD,
        "lines": ranked_lines(decision.ranking),
        "beside": beside(decision.segment_round),
        "colleges": colleges,
        "letters": letters,
        "letters_made": made,
        "letters_failed": sum(line.status == "failed" for line in letters),
        "newer_ranking": latest is not None and latest.pk != decision.ranking_id,
        "events": decision_events(decision),
        "gaps": gaps,
        "expected": notice_dates_of(decision, today),
        "standstill_moment": standstill_moment(decision),
        "may_finalise": may_finalise(decision, colleges, today),
        "reserved": [row for row in colleges if row.status == "reserved"],
        "works_here": is_lead(request.user, decision.segment_round.round.tender),
        "steps": _steps(decision),
    }


def _steps(decision: Decision) -> list[dict[str, Any]]:
    """The course of a decision, for the steps on its page. Only an award has a standstill and an end."""
    award = decision.segment_round.round.stage == Stage.AWARD
    course = [
        (_("Proposed"), decision.proposed_at),
        *([(_("Approved by the colleges"), decision.approved_at)] if award else []),
        (_("Signed"), decision.adopted_at),
        (_("Sent to the bidders"), decision.sent_at),
    ]
    if award:
        course.append((_("Final"), decision.final_at))
    steps: list[dict[str, Any]] = []
    for label, moment in course:
        current = moment is None and all(step["state"] == "done" for step in steps)
        state = "done" if moment else "current" if current else "todo"
        steps.append({"label": label, "state": state, "date": timezone.localdate(moment) if moment else None})
    return steps


def _take(request: UserRequest, pk: int, service: Callable[..., Any], done: str) -> HttpResponse:
    """Take one step that needs no form; a refusal is shown on the decision's own page."""
    decision = get_object_or_404(visible_decisions(request.user), pk=pk)
    try:
        service(decision=decision, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
    else:
        messages.success(request, done)
    return redirect("procurement:decision", pk=pk)


@allow(Role.LEAD)
@require_POST
def send(request: UserRequest, pk: int) -> HttpResponse:
    """Have the letters made and sent; the progress page shows how far it is."""
    decision = get_object_or_404(visible_decisions(request.user), pk=pk)
    try:
        job = request_sending(decision=decision, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
        return redirect("procurement:decision", pk=pk)
    if job.created_by_id != request.user.pk:
        return redirect("procurement:decision", pk=pk)
    return redirect("jobs:job", pk=job.pk)


@allow(Role.LEAD)
@require_POST
def finalise(request: UserRequest, pk: int) -> HttpResponse:
    return _take(request, pk, finalise_award, _("The award is final. You can now make the contracts."))


@allow(Role.LEAD)
def withdraw(request: UserRequest, pk: int) -> HttpResponse:
    """Withdraw a decision that was not sent, with the reason."""
    decision = get_object_or_404(visible_decisions(request.user), pk=pk)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_decision(decision=decision, reason=form.cleaned_data["reason"], by=request.user)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("The decision is withdrawn. You can propose a new one."))
            return redirect("procurement:decision", pk=pk)
    context = {"form": form, "decision": decision, "number": decision_number(decision)}
    return render(request, "procurement/decision/withdraw.html", context, status=form.http_status)
