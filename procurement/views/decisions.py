"""The lead's pages of a decision: propose, send, invite, finalise, withdraw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from achterhoek.jobs.models import Job
from procurement.enums import BatchPurpose, CollegeDecisionStatus, DecisionStatus, Outcome, Stage
from procurement.forms.decisions import ProposeForm, StopWithdrawalForm, WithdrawByLetterForm, WithdrawForm
from procurement.models import Decision
from procurement.rules import is_lead
from procurement.selectors.coverage import beside
from procurement.selectors.decision_course import batch_blocks, block_of, may_invite, side_by_side, steps
from procurement.selectors.decisions import (
    college_lines,
    decision_events,
    ranked_lines,
    standstill_moment,
    visible_decisions,
)
from procurement.selectors.evaluation import managed_segment_rounds
from procurement.selectors.final_award import final_hindrances
from procurement.selectors.letter_gaps import Gap, letter_gaps
from procurement.selectors.letters import decision_number, letter_source, notice_dates_of
from procurement.selectors.motivation import Counts, bidders_of, counts_of
from procurement.selectors.objections import asks_scoring_again
from procurement.selectors.ranking import decision_in_force, latest_ranking
from procurement.selectors.signing import on_newest_ranking
from procurement.services.decisions import (
    finalise_award,
    propose_decision,
    request_final_letters,
    request_invitations,
    request_sending,
    request_withdrawal,
    stop_withdrawal,
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
    colleges, blocks, today = college_lines(decision), batch_blocks(decision), database_today()
    told = block_of(blocks, BatchPurpose.DECISION)
    hindrances = final_hindrances(decision, today)
    motivations, gaps = _letters_ahead(request, decision)
    return {
        "decision": decision,
        "number": decision_number(decision),
        "segment_round": decision.segment_round,
        "tender": decision.segment_round.round.tender,
        "award": decision.segment_round.round.stage == Stage.AWARD,
        "lines": ranked_lines(decision.ranking),
        "beside": beside(decision.segment_round),
        "colleges": colleges,
        "rejected": [row for row in colleges if row.status == CollegeDecisionStatus.REJECTED],
        "reserved": [row for row in colleges if row.status == CollegeDecisionStatus.RESERVED],
        "blocks": blocks,
        "told": told,
        "withdrawal": block_of(blocks, BatchPurpose.WITHDRAWAL),
        "invitations": block_of(blocks, BatchPurpose.INVITATION),
        "final_letters": block_of(blocks, BatchPurpose.FINAL),
        "may_invite": may_invite(decision),
        "newer_ranking": not on_newest_ranking(decision),
        "events": decision_events(decision),
        "motivations": motivations,
        "scoring_again": decision.status == DecisionStatus.WITHDRAWN and asks_scoring_again(decision),
        "gaps": gaps,
        "expected": notice_dates_of(decision, today),
        "standstill_moment": standstill_moment(decision),
        "may_finalise": not hindrances,
        "hindrances": hindrances,
        "works_here": is_lead(request.user, decision.segment_round.round.tender),
        "steps": steps(decision),
        "others": side_by_side(decision),
        "in_force": decision_in_force(decision.segment_round) is not None,
    }


def _letters_ahead(request: UserRequest, decision: Decision) -> tuple[Counts | None, list[Gap]]:
    """How the reasons in the letters stand as long as nothing is sent, and all that lacks in these letters."""
    if decision.sent_at is not None or decision.status == DecisionStatus.WITHDRAWN:
        return None, []
    source = letter_source(decision=decision)
    bidders = bidders_of(source, by=request.user)
    return counts_of(bidders), letter_gaps(source, by=request.user, bidders=bidders)


def _to_work(request: UserRequest, pk: int, ask: Callable[[], Job]) -> HttpResponse:
    """Ask for letters; the progress page shows how far it is. A refusal is shown on the decision's own page."""
    try:
        job = ask()
    except RuleViolation as violation:
        messages.error(request, violation.message)
        return redirect("procurement:decision", pk=pk)
    if job.created_by_id != request.user.pk:
        return redirect("procurement:decision", pk=pk)
    return redirect("jobs:job", pk=job.pk)


@allow(Role.LEAD)
@require_POST
def send(request: UserRequest, pk: int) -> HttpResponse:
    """Have the letters of the decision made and sent."""
    decision = get_object_or_404(visible_decisions(request.user), pk=pk)
    return _to_work(request, pk, lambda: request_sending(decision=decision, by=request.user))


@allow(Role.LEAD)
@require_POST
def invite(request: UserRequest, pk: int) -> HttpResponse:
    """Have the invitations to bid made and sent."""
    decision = get_object_or_404(visible_decisions(request.user), pk=pk)
    return _to_work(request, pk, lambda: request_invitations(decision=decision, by=request.user))


@allow(Role.LEAD)
@require_POST
def tell_final(request: UserRequest, pk: int) -> HttpResponse:
    """Have the letters made and sent that say that the award is final."""
    decision = get_object_or_404(visible_decisions(request.user), pk=pk)
    return _to_work(request, pk, lambda: request_final_letters(decision=decision, by=request.user))


@allow(Role.LEAD)
@require_POST
def finalise(request: UserRequest, pk: int) -> HttpResponse:
    """Make the award final; a refusal is shown on the decision's own page."""
    decision = get_object_or_404(visible_decisions(request.user), pk=pk)
    try:
        finalise_award(decision=decision, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
    else:
        messages.success(request, _("The award is final. You can now make the contracts."))
    return redirect("procurement:decision", pk=pk)


@allow(Role.LEAD)
def withdraw(request: UserRequest, pk: int) -> HttpResponse:
    """Withdraw a decision with the reason: at once where nothing was sent, otherwise by letters to all bidders."""
    decision = get_object_or_404(visible_decisions(request.user), pk=pk)
    by_letter = decision.sent_at is not None
    form = (WithdrawByLetterForm if by_letter else WithdrawForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            if by_letter:
                job = request_withdrawal(decision=decision, reason=reason, by=request.user)
                return _to_work(request, pk, lambda: job)
            withdraw_decision(decision=decision, reason=reason, by=request.user)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("The decision is withdrawn. You can propose a new one."))
            return redirect("procurement:decision", pk=pk)
    blocks = batch_blocks(decision) if by_letter else []
    context = {
        "form": form,
        "decision": decision,
        "number": decision_number(decision),
        "by_letter": by_letter,
        "award": decision.segment_round.round.stage == Stage.AWARD,
        "withdrawal": block_of(blocks, BatchPurpose.WITHDRAWAL),
        "bidders": len(ranked_lines(decision.ranking)) if by_letter else 0,
    }
    return render(request, "procurement/decision/withdraw.html", context, status=form.http_status)


@allow(Role.LEAD)
@require_POST
def withdraw_on(request: UserRequest, pk: int) -> HttpResponse:
    """Go on with the letters of a withdrawal that was asked for: with the reason that was given then."""
    decision = get_object_or_404(visible_decisions(request.user), pk=pk)
    block = block_of(batch_blocks(decision), BatchPurpose.WITHDRAWAL)
    reason = block.reason if block else ""
    return _to_work(request, pk, lambda: request_withdrawal(decision=decision, reason=reason, by=request.user))


@allow(Role.LEAD)
def withdraw_stop(request: UserRequest, pk: int) -> HttpResponse:
    """Do not withdraw after all, with the reason: the letters that would tell so are stopped before they are sent."""
    decision = get_object_or_404(visible_decisions(request.user), pk=pk)
    form = StopWithdrawalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            stop_withdrawal(decision=decision, reason=form.cleaned_data["reason"], by=request.user)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("The letters are stopped. The decision holds as it was."))
            return redirect("procurement:decision", pk=pk)
    context = {
        "form": form,
        "decision": decision,
        "number": decision_number(decision),
        "withdrawal": block_of(batch_blocks(decision), BatchPurpose.WITHDRAWAL),
    }
    return render(request, "procurement/decision/withdraw_stop.html", context, status=form.http_status)
