"""The ranking: asked for, shown, downloaded as a dossier, and recomputed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import RuleViolation
from procurement.rules import is_lead
from procurement.selectors.evaluation import managed_segment_rounds
from procurement.selectors.ranking import (
    criterion_codes,
    decision_in_force,
    highest_total,
    ranking_lines,
    recompute,
    visible_rankings,
)
from procurement.services.ranking import request_ranking


@allow(Role.LEAD)
@require_POST
def ranking_request(request: UserRequest, pk: int) -> HttpResponse:
    """Ask the worker for the ranking; its progress page follows."""
    found = get_object_or_404(managed_segment_rounds(request.user), pk=pk)
    try:
        job = request_ranking(segment_round=found, by=request.user)
    except RuleViolation as error:
        messages.error(request, error.message)
        return redirect("procurement:segment_round", pk=pk)
    if job.created_by_id != request.user.pk:
        return redirect("procurement:segment_round", pk=pk)
    return redirect("jobs:job", pk=job.pk)


@allow(Role.LEAD, read=(Role.AUDITOR,))
def ranking(request: UserRequest, pk: int) -> HttpResponse:
    """One ranking, by its own number; with `?narekenen` it is computed again and compared."""
    found = get_object_or_404(visible_rankings(request.user), pk=pk)
    context = {
        "ranking": found,
        "segment_round": found.segment_round,
        "codes": criterion_codes(found),
        "lines": ranking_lines(found),
        "highest": highest_total(found.segment_round),
        "dossier_size": len(found.dossier.encode()),
        "decision": decision_in_force(found.segment_round),
        "may_write": is_lead(request.user, found.segment_round.round.tender),
        "recomputed": recompute(found) if "narekenen" in request.GET else None,
    }
    return render(request, "procurement/ranking/detail.html", context)


@allow(Role.LEAD, read=(Role.AUDITOR,))
def ranking_dossier(request: UserRequest, pk: int) -> HttpResponse:
    """The dossier, exactly the bytes of which the digest was taken: `./run manage rank` recomputes it."""
    found = get_object_or_404(visible_rankings(request.user), pk=pk)
    response = HttpResponse(found.dossier, content_type="application/json; charset=utf-8")
    name = f"dossier-{found.segment_round.segment.slug}-{found.sequence}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
