"""The consensus page of one entry: its requirements, the individual scores, and the consensus."""

from __future__ import annotations

from csp.decorators import csp_replace
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from procurement.enums import EntryStatus, RequirementKind, SegmentRoundStatus
from procurement.forms.consensus import ConsensusForm
from procurement.forms.requirements import RequirementForm
from procurement.models import Entry, SegmentRound
from procurement.rules import is_lead
from procurement.selectors.answers import answers_by_criterion, confirmations_by_requirement
from procurement.selectors.completeness import clarifications_beside
from procurement.selectors.consensus import checks_of, criterion_scores
from procurement.selectors.evaluation import (
    choices_for,
    graded_criteria,
    lead_access,
    managed_segment_rounds,
    readable_segment_entries,
    requirements_of,
)
from procurement.selectors.reevaluation import open_criteria
from procurement.services import evaluation as services
from procurement.services.consensus import CHECKING
from procurement.views.meeting_screen import save_consensus
from procurement.views.saving import http_status, save_changed


@allow(Role.LEAD, read=(Role.AUDITOR,))
@csp_replace({"frame-src": ["'self'"]})  # type: ignore[arg-type]
def consensus_entry(request: UserRequest, pk: int, entry_id: int) -> HttpResponse:
    """One entry: its requirements, all individual scores side by side, and the consensus."""
    found = _segment_round(request, pk)
    entry = _entry(request, found, entry_id)
    forms = _consensus_forms(request, found, entry, bound=request.method == "POST")
    if request.method == "POST":
        saved = save_changed(forms, lambda form: save_consensus(request, entry, form))
        if saved:
            text = ngettext("%(count)d consensus score saved.", "%(count)d consensus scores saved.", saved)
            messages.success(request, text % {"count": saved})
        if not any(form.errors for form in forms):
            return _after_saving(request, found, entry)
        now = criterion_scores(entry, found)
        for form in forms:
            form.given = now.get(form.criterion.pk)
    return _entry_page(request, found, entry, forms=forms)


@allow(Role.LEAD)
@require_POST
@csp_replace({"frame-src": ["'self'"]})  # type: ignore[arg-type]
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


def _consensus_forms(
    request: UserRequest, found: SegmentRound, entry: Entry, *, bound: bool = False
) -> list[ConsensusForm]:
    """The forms of the criteria, each with the individual scores beside it; none while these are secret.

    In a re-evaluation the criteria that are not scored again are read only. What was typed for one of these on a page
    of before is told and kept.
    """
    if not lead_access(request.user, found).see_others:
        return []
    scores, asked = criterion_scores(entry, found), open_criteria(found)
    forms = []
    for criterion in graded_criteria(found):
        choices, given = choices_for(criterion, found), scores.get(criterion.pk)
        form = ConsensusForm(criterion=criterion, choices=choices, given=given)
        closed = asked is not None and criterion.pk not in asked
        if bound and (not closed or form.shown_name in request.POST):
            form = ConsensusForm(request.POST, criterion=criterion, choices=choices, given=given)
        form.closed = closed
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


def _by_kind(checks: list[RequirementForm]) -> list[tuple[str, list[RequirementForm]]]:
    """Grounds for exclusion first, then suitability, then the minimum requirements, as the law has them in order."""
    groups = [(kind.label, [form for form in checks if form.requirement.kind == kind]) for kind in RequirementKind]
    return [(str(label), forms) for label, forms in groups if forms]


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
        "groups": _by_kind(checks),
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
