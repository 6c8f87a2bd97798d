"""The pages of a college secretary: what waits, the proposal, and recording what the college decided."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.accounts.roles import municipality_ids_of
from achterhoek.errors import RuleViolation
from achterhoek.panels import panels_for
from procurement.enums import CollegeDecisionStatus, DecisionStatus
from procurement.forms.decisions import CollegeForm
from procurement.selectors.decisions import (
    college_lines,
    colleges_home,
    coverage_of_tender,
    own_municipality_names,
    ranked_lines,
    visible_college_decisions,
)
from procurement.selectors.letters import decision_number
from procurement.selectors.signing import on_newest_ranking
from procurement.services.decisions import decide_as_college, lift_reservation

LIFTABLE = (DecisionStatus.PROPOSED, DecisionStatus.APPROVED, DecisionStatus.ADOPTED, DecisionStatus.SENT)


@allow(Role.COLLEGE, read=(Role.LEAD, Role.AUDITOR))
def home(request: UserRequest) -> HttpResponse:
    """What waits for the college, and what it decided."""
    waiting, decided = colleges_home(request.user)
    context = {
        "waiting": waiting,
        "decided": decided,
        "municipalities": own_municipality_names(request.user),
        "panels": panels_for("college_home", request),
    }
    return render(request, "procurement/college/home.html", context)


@allow(Role.COLLEGE, read=(Role.LEAD, Role.AUDITOR))
def detail(request: UserRequest, pk: int) -> HttpResponse:
    """The proposal before one college, and the form with which its secretary records the decision."""
    college_decision = get_object_or_404(visible_college_decisions(request.user), pk=pk)
    form = CollegeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            decide_as_college(
                college_decision=college_decision,
                outcome=form.cleaned_data["outcome"],
                reservation=form.cleaned_data["reservation"],
                by=request.user,
            )
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("The decision of the college is recorded."))
            return redirect("procurement:college_decision", pk=pk)
    decision = college_decision.decision
    own = college_decision.municipality_id in municipality_ids_of(request.user)
    waits = college_decision.status == CollegeDecisionStatus.PENDING and decision.status == DecisionStatus.PROPOSED
    newest = on_newest_ranking(decision)
    lines = ranked_lines(decision.ranking)
    context = {
        "college_decision": college_decision,
        "decision": decision,
        "number": decision_number(decision),
        "tender": decision.segment_round.round.tender,
        "segment": decision.segment_round.segment,
        "places": decision.segment_round.places,
        "lines": lines,
        "chosen": [line for line in lines if line.chosen],
        "coverage": coverage_of_tender(decision),
        "colleges": college_lines(decision),
        "form": form,
        "newer_ranking": not newest,
        "may_decide": own and waits and newest,
        "may_lift": own and college_decision.status == CollegeDecisionStatus.RESERVED and decision.status in LIFTABLE,
    }
    return render(request, "procurement/college/detail.html", context, status=form.http_status)


@allow(Role.COLLEGE)
@require_POST
def lift(request: UserRequest, pk: int) -> HttpResponse:
    """The college lifts its reservation."""
    college_decision = get_object_or_404(visible_college_decisions(request.user), pk=pk)
    try:
        lift_reservation(college_decision=college_decision, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
    else:
        messages.success(request, _("The reservation is lifted."))
    return redirect("procurement:college_decision", pk=pk)
