"""The lead's pages of a segment round: committee, progress, requirements, consensus, fixing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import RuleViolation
from achterhoek.nlds.forms import NldsForm
from achterhoek.nlds.templatetags.nlds import plain_number
from procurement.enums import EntryStatus, SegmentRoundStatus
from procurement.forms.evaluation import CloseScoringForm, CommitteeForm, ConsensusForm, RequirementForm
from procurement.models import Entry, SegmentRound
from procurement.rules import is_lead
from procurement.selectors.answers import answers_by_criterion, confirmations_by_requirement
from procurement.selectors.completeness import clarifications_beside
from procurement.selectors.consensus import (
    MatrixRow,
    checks_of,
    criterion_scores,
    matrix,
    missing_for_fixing,
)
from procurement.selectors.evaluation import (
    BEFORE_CONSENSUS,
    choices_for,
    committee_progress,
    graded_criteria,
    lead_access,
    managed_segment_rounds,
    readable_segment_entries,
    requirements_of,
)
from procurement.selectors.ranking import decision_in_force, latest_ranking
from procurement.services import evaluation as services
from procurement.services.consensus import CHECKING
from procurement.views.saving import http_status, save_changed

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


@allow(Role.LEAD, read=(Role.AUDITOR,))
def consensus_entry(request: UserRequest, pk: int, entry_id: int) -> HttpResponse:
    """One entry: its requirements, all individual scores side by side, and the consensus."""
    found = _segment_round(request, pk)
    entry = _entry(request, found, entry_id)
    forms = _consensus_forms(request, found, entry, bound=request.method == "POST")
    if request.method == "POST":
        saved = save_changed(forms, lambda form: _save_consensus(request, entry, form))
        if saved:
            text = ngettext("%(count)d consensus score saved.", "%(count)d consensus scores saved.", saved)
            messages.success(request, text % {"count": saved})
        if not any(form.errors for form in forms):
            return _after_saving(request, found, entry)
    return _entry_page(request, found, entry, forms=forms)


@allow(Role.LEAD)
@require_POST
def requirement_check(request: UserRequest, pk: int, entry_id: int) -> HttpResponse:
    """Judge the minimum requirements of one entry."""
    found = _segment_round(request, pk)
    entry = _entry(request, found, entry_id)
    checks = _requirement_forms(request, found, entry, bound=True)
    saved = save_changed(checks, lambda form: _save_check(request, entry, form))
    if saved:
        text = ngettext("%(count)d judgment saved.", "%(count)d judgments saved.", saved)
        messages.success(request, text % {"count": saved})
    if any(form.errors for form in checks):
        return _entry_page(request, found, entry, checks=checks)
    return _after_saving(request, found, entry)


def _segment_round(request: UserRequest, pk: int) -> SegmentRound:
    return get_object_or_404(managed_segment_rounds(request.user), pk=pk)


def _entry(request: UserRequest, found: SegmentRound, entry_id: int) -> Entry:
    entries = readable_segment_entries(request.user, found).select_related("submission__organisation")
    return get_object_or_404(entries, pk=entry_id)


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


def _consensus_forms(
    request: UserRequest, found: SegmentRound, entry: Entry, *, bound: bool = False
) -> list[ConsensusForm]:
    """The forms of the criteria, each with the individual scores beside it; none while these are secret."""
    if not lead_access(request.user, found).see_others:
        return []
    scores = criterion_scores(entry, found)
    forms = []
    for criterion in graded_criteria(found):
        given = scores.get(criterion.pk)
        form = ConsensusForm(
            request.POST if bound else None,
            criterion=criterion,
            choices=choices_for(criterion, found),
            score=given.consensus if given else None,
        )
        form.given = given
        forms.append(form)
    return forms


def _requirement_forms(
    request: UserRequest, found: SegmentRound, entry: Entry, *, bound: bool = False
) -> list[RequirementForm]:
    checks = checks_of(entry)
    stated = confirmations_by_requirement(request.user, entry)
    forms = []
    for requirement in requirements_of(found):
        form = RequirementForm(
            request.POST if bound else None, requirement=requirement, check=checks.get(requirement.pk)
        )
        form.stated = stated.get(requirement.pk)
        forms.append(form)
    return forms


def _save_consensus(request: UserRequest, entry: Entry, form: ConsensusForm) -> None:
    data = form.cleaned_data
    services.record_consensus(
        entry=entry, criterion=form.criterion, value=data["value"], reason=data["reason"], by=request.user
    )


def _save_check(request: UserRequest, entry: Entry, form: RequirementForm) -> None:
    data = form.cleaned_data
    services.check_requirement(
        entry=entry, requirement=form.requirement, met=data["met"], reason=data["reason"], by=request.user
    )


def _after_saving(request: UserRequest, found: SegmentRound, entry: Entry) -> HttpResponse:
    following = _neighbours(request, found, entry)[1] if "next" in request.POST else entry.pk
    if following is None:
        return redirect("procurement:segment_round", pk=found.pk)
    return redirect("procurement:consensus_entry", pk=found.pk, entry_id=following)


def _neighbours(request: UserRequest, found: SegmentRound, entry: Entry) -> tuple[int | None, int | None]:
    ids = list(
        readable_segment_entries(request.user, found).order_by("submission__number", "id").values_list("id", flat=True)
    )
    place = ids.index(entry.pk)
    return (ids[place - 1] if place else None, ids[place + 1] if place + 1 < len(ids) else None)


def _entry_page(
    request: UserRequest,
    found: SegmentRound,
    entry: Entry,
    *,
    forms: list[ConsensusForm] | None = None,
    checks: list[RequirementForm] | None = None,
) -> HttpResponse:
    entry.refresh_from_db(fields=["status", "status_reason"])
    by_criterion, others = answers_by_criterion(request.user, entry, found)
    forms = _consensus_forms(request, found, entry) if forms is None else forms
    checks = _requirement_forms(request, found, entry) if checks is None else checks
    previous, following = _neighbours(request, found, entry)
    in_play = is_lead(request.user, found.round.tender) and entry.status == EntryStatus.ADMITTED
    context = {
        "segment_round": found,
        "entry": entry,
        "forms": forms,
        "checks": checks,
        "parts": [(form, by_criterion.pop(form.criterion.code, [])) for form in forms],
        "clarified": clarifications_beside(request.user, entry.submission),
        "other_answers": others + [row for rows in by_criterion.values() for row in rows],
        "may_score": in_play and found.status == SegmentRoundStatus.CONSENSUS,
        "may_check": in_play and found.status in CHECKING,
        "revealed": bool(forms),
        "previous": previous,
        "following": following,
    }
    return render(request, "procurement/consensus/entry.html", context, status=http_status([*forms, *checks]))
