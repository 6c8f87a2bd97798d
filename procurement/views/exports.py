"""What can be taken along from an evaluation: the score matrix, the report, and the dossier of each ranking."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import RuleViolation
from achterhoek.spreadsheets import as_csv, as_xlsx
from procurement.rules import is_lead
from procurement.selectors.evaluation import managed_segment_rounds
from procurement.selectors.exports import names_of_tables, score_tables
from procurement.selectors.ranking import visible_rankings
from procurement.selectors.report import reports_of
from procurement.services.dossier_zip import dossier_zip
from procurement.services.evaluation_report import REPORTABLE, request_report

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@allow(Role.LEAD, read=(Role.AUDITOR,))
def exports(request: UserRequest, pk: int) -> HttpResponse:
    """All that there is to take along now."""
    found = get_object_or_404(managed_segment_rounds(request.user), pk=pk)
    rankings = visible_rankings(request.user).filter(segment_round=found).defer("dossier", "result")
    context = {
        "segment_round": found,
        "tables": names_of_tables(request.user, found),
        "rankings": rankings.order_by("-sequence"),
        "reports": reports_of(request.user, found),
        "may_report": found.status in REPORTABLE and is_lead(request.user, found.round.tender),
    }
    return render(request, "procurement/export/page.html", context)


@allow(Role.LEAD, read=(Role.AUDITOR,))
def export_xlsx(request: UserRequest, pk: int) -> HttpResponse:
    """The score matrix: a sheet for each thing that is open."""
    found = get_object_or_404(managed_segment_rounds(request.user), pk=pk)
    body = as_xlsx(score_tables(request.user, found).values())
    return _download(body, XLSX, f"scores-{found.segment.slug}.xlsx")


@allow(Role.LEAD, read=(Role.AUDITOR,))
def export_csv(request: UserRequest, pk: int, what: str) -> HttpResponse:
    """One table; not found where it does not exist, or is not open yet."""
    found = get_object_or_404(managed_segment_rounds(request.user), pk=pk)
    table = score_tables(request.user, found, what).get(what)
    if table is None:
        raise Http404
    return _download(as_csv(table), "text/csv; charset=utf-8", f"scores-{what}-{found.segment.slug}.csv")


@allow(Role.LEAD, read=(Role.AUDITOR,))
def ranking_zip(request: UserRequest, pk: int) -> HttpResponse:
    """The dossier of one ranking with all that is needed to compute it again."""
    found = get_object_or_404(visible_rankings(request.user), pk=pk)
    name = f"dossier-{found.segment_round.segment.slug}-{found.sequence}.zip"
    return _download(dossier_zip(found), "application/zip", name)


@allow(Role.LEAD)
@require_POST
def report_request(request: UserRequest, pk: int) -> HttpResponse:
    """Ask for the evaluation report; its progress page follows."""
    found = get_object_or_404(managed_segment_rounds(request.user), pk=pk)
    try:
        job = request_report(segment_round=found, by=request.user)
    except RuleViolation as error:
        messages.error(request, error.message)
        return redirect("procurement:exports", pk=pk)
    if job.created_by_id != request.user.pk:
        return redirect("procurement:exports", pk=pk)
    return redirect("jobs:job", pk=job.pk)


def _download(body: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
