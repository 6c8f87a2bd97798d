"""The lead's page of a segment round: where its evaluation stands, what is to do, and all that hangs on it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import RuleViolation
from achterhoek.nlds.forms import NldsForm
from achterhoek.nlds.templatetags.nlds import plain_number
from procurement.enums import SegmentRoundStatus
from procurement.forms.evaluation import CloseScoringForm, CommitteeForm
from procurement.models import SegmentRound
from procurement.rules import is_lead
from procurement.selectors.consensus import (
    MatrixRow,
    matrix,
    missing_for_fixing,
)
from procurement.selectors.evaluation import (
    BEFORE_CONSENSUS,
    committee_progress,
    graded_criteria,
    lead_access,
    managed_segment_rounds,
    requirements_of,
)
from procurement.selectors.ranking import decision_in_force, latest_ranking
from procurement.services import evaluation as services
from procurement.views.saving import http_status

ORDER = [
    SegmentRoundStatus.SCORING,
    SegmentRoundStatus.CONSENSUS,
    SegmentRoundStatus.FIXED,
    SegmentRoundStatus.RANKED,
    SegmentRoundStatus.DECIDED,
]


@allow(Role.LEAD, read=(Role.AUDITOR,))
def segment_round(request: UserRequest, pk: int) -> HttpResponse:
    """Where the evaluation of this segment stands, and what is to do."""
    return _page(request, _segment_round(request, pk))


@allow(Role.LEAD)
@require_POST
def committee(request: UserRequest, pk: int) -> HttpResponse:
    """Set the committee."""
    found = _segment_round(request, pk)
    form = CommitteeForm(request.POST, segment_round=found)
    if form.is_valid():
        try:
            services.set_committee(segment_round=found, users=form.cleaned_data["users"], by=request.user)
        except RuleViolation as error:
            form.refuse(error)
        else:
            messages.success(request, _("The committee is saved."))
            return redirect("procurement:segment_round", pk=pk)
    return _page(request, found, committee_form=form)


@allow(Role.LEAD)
@require_POST
def scoring_close(request: UserRequest, pk: int) -> HttpResponse:
    """End the individual scoring."""
    found = _segment_round(request, pk)
    form = CloseScoringForm(request.POST)
    if form.is_valid():
        try:
            services.close_scoring(segment_round=found, by=request.user, reason=form.cleaned_data["reason"])
        except RuleViolation as error:
            form.refuse(error)
        else:
            messages.success(request, _("The individual scoring is closed. The consensus can begin."))
            return redirect("procurement:segment_round", pk=pk)
    return _page(request, found, close_form=form)


@allow(Role.LEAD)
@require_POST
def scores_fix(request: UserRequest, pk: int) -> HttpResponse:
    """Fix the scores: nothing changes after this."""
    found = _segment_round(request, pk)
    try:
        services.fix_scores(segment_round=found, by=request.user)
    except RuleViolation as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The scores are fixed. The ranking can be made."))
    return redirect("procurement:segment_round", pk=pk)


def _segment_round(request: UserRequest, pk: int) -> SegmentRound:
    return get_object_or_404(managed_segment_rounds(request.user), pk=pk)


def _page(request: UserRequest, found: SegmentRound, **refused: NldsForm) -> HttpResponse:
    """The segment round's page; `refused` are forms that were sent in and not accepted."""
    access = lead_access(request.user, found)
    before_consensus = found.status in BEFORE_CONSENSUS
    members = committee_progress(found)
    writes = is_lead(request.user, found.round.tender)
    context = {
        "segment_round": found,
        "steps": _steps(found),
        "members": members,
        "announced": found.round.tender.evaluators_announced,
        "revealed": access.see_others,
        "all_handed_in": bool(members) and all(member.handed_in_at for member in members),
        "criteria": list(graded_criteria(found).values_list("code", "title")),
        "asked_checks": requirements_of(found).count(),
        "rows": _rows(matrix(request.user, found, revealed=access.see_others), revealed=access.see_others),
        "missing": missing_for_fixing(found) if found.status == SegmentRoundStatus.CONSENSUS else None,
        "ranking": latest_ranking(found),
        "decision": decision_in_force(found),
        "may_write": writes,
    }
    if writes and before_consensus:
        users = list(found.committee.values_list("user_id", flat=True))
        context["committee_form"] = CommitteeForm(segment_round=found, initial={"users": users})
        context["committee_open"] = not users or "committee_form" in refused
    if writes and found.status == SegmentRoundStatus.SCORING:
        context["close_form"] = CloseScoringForm()
    return render(
        request, "procurement/segment_round/detail.html", {**context, **refused}, status=http_status(refused.values())
    )


def _rows(rows: list[MatrixRow], *, revealed: bool) -> list[tuple[MatrixRow, list[str]]]:
    """Each row with its cells in words, made here once instead of in the template, cell by cell."""
    if not revealed:
        return [(row, []) for row in rows]
    spreads = {"large": _("large difference"), "difference": _("difference")}
    named = {spread: f" ({text})" for spread, text in spreads.items()}
    to_do = _("to do")
    return [
        (
            row,
            [
                (to_do if cell.consensus is None else plain_number(cell.consensus)) + named.get(cell.spread, "")
                for cell in row.cells
            ],
        )
        for row in rows
    ]


def _steps(found: SegmentRound) -> list[dict[str, Any]]:
    """The course of the evaluation; the state the round is in is the current step."""
    now = ORDER.index(SegmentRoundStatus(found.status)) if found.status in ORDER else -1
    return [
        {
            "label": status.label,
            "state": "done" if index < now else "current" if index == now else "todo",
        }
        for index, status in enumerate(ORDER)
    ]
