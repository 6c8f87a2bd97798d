"""The ranking: asked for, shown, downloaded as a dossier, and recomputed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import RuleViolation
from procurement.enums import SegmentRoundStatus
from procurement.rules import is_lead
from procurement.selectors.coverage import beside
from procurement.selectors.dossier import Refusal, refusals
from procurement.selectors.draw import equal_bids
from procurement.selectors.dropping import stands
from procurement.selectors.evaluation import managed_segment_rounds
from procurement.selectors.missing import missing_for_fixing
from procurement.selectors.ranking import (
    criterion_codes,
    decision_in_force,
    highest_total,
    latest_ranking,
    ranking_lines,
    visible_rankings,
)
from procurement.selectors.ranking_checks import last_check_of
from procurement.services.ranking import DossierRefused, missing_for_ranking, request_ranking
from procurement.services.recompute import check_ranking, compare, finding_text


@allow(Role.LEAD)
def ranking_request(request: UserRequest, pk: int) -> HttpResponse:
    """What a ranking still lacks, all of it with links; asked for, its progress page follows."""
    found = get_object_or_404(managed_segment_rounds(request.user), pk=pk)
    missing: list[Refusal] = []
    if request.method == "POST":
        try:
            job = request_ranking(segment_round=found, by=request.user)
        except DossierRefused as refused:
            missing = refusals(found, refused.faults)
        except RuleViolation as error:
            messages.error(request, error.message)
            early = found.status == SegmentRoundStatus.CONSENSUS
            return redirect("procurement:ranking_request" if early else "procurement:segment_round", pk=pk)
        else:
            own = job.created_by_id == request.user.pk
            return redirect("jobs:job", pk=job.pk) if own else redirect("procurement:segment_round", pk=pk)
    else:
        missing = refusals(found, missing_for_ranking(found))
    in_consensus = found.status == SegmentRoundStatus.CONSENSUS
    context = {
        "segment_round": found,
        "missing": [] if in_consensus else missing,
        "gaps": missing_for_fixing(found) if in_consensus else None,
        "latest": latest_ranking(found),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "procurement/ranking/request.html", context, status=status)


@allow(Role.LEAD, read=(Role.AUDITOR,))
def ranking(request: UserRequest, pk: int) -> HttpResponse:
    """One ranking, by its own number; with `?narekenen` it is computed again and compared."""
    found = get_object_or_404(visible_rankings(request.user), pk=pk)
    compared = "narekenen" in request.GET
    findings = compare(found) if compared else []
    last = last_check_of(found)
    writes = is_lead(request.user, found.segment_round.round.tender)
    decision = decision_in_force(found.segment_round)
    context = {
        "ranking": found,
        "segment_round": found.segment_round,
        "codes": criterion_codes(found),
        "lines": ranking_lines(found),
        "highest": highest_total(found.segment_round),
        "dossier_size": len(found.dossier.encode()),
        "decision": decision,
        "may_write": writes,
        "may_drop": writes and decision is None and stands(found),
        "compared": compared,
        "findings": [(finding_text(finding["code"]), finding["what"]) for finding in findings],
        "last_check": last,
        "waiting": equal_bids(found.segment_round, found),
        "beside": beside(found.segment_round),
    }
    return render(request, "procurement/ranking/detail.html", context)


@allow(Role.LEAD, Role.AUDITOR)
@require_POST
def ranking_check(request: UserRequest, pk: int) -> HttpResponse:
    """Compute again and compare on any day; what was found is kept, and a difference raises the alarm."""
    found = get_object_or_404(visible_rankings(request.user), pk=pk)
    check = check_ranking(ranking=found, by=request.user)
    if check.findings:
        messages.error(request, _("The ranking was computed again, and differs. The administrators get an e-mail."))
    else:
        messages.success(request, _("The ranking was computed again. Everything is the same."))
    response = redirect("procurement:ranking", pk=pk)
    response["Location"] += "?narekenen=ja"
    return response


@allow(Role.LEAD, read=(Role.AUDITOR,))
def ranking_dossier(request: UserRequest, pk: int) -> HttpResponse:
    """The dossier, exactly the bytes of which the digest was taken: `./run manage rank` recomputes it."""
    found = get_object_or_404(visible_rankings(request.user), pk=pk)
    response = HttpResponse(found.dossier, content_type="application/json; charset=utf-8")
    name = f"dossier-{found.segment_round.segment.slug}-{found.sequence}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
