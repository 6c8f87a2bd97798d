"""The contractor's results: its dashboard, the report of a quarter, and Team CLM's judgement of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from contracts.enums import ReportStatus
from contracts.forms.results import ReportForm, SendBackForm
from contracts.models import ResultReport
from contracts.rules import is_contractor
from contracts.selectors.result_boards import contract_board
from contracts.selectors.results import (
    COUNTS,
    OPEN,
    figure_rows,
    is_late,
    quarter_name,
    quarter_of_report,
    reports_of,
    sheet_of,
)
from contracts.services.results import accept_report, save_draft, send_back_report, submit_report
from procurement.rules import works_for_region

READERS = (Role.CLM, Role.LEAD, Role.AUDITOR, Role.ADMIN, Role.COLLEGE)


@require_safe
@allow(Role.PROVIDER, read=READERS)
def results(request: UserRequest, pk: int) -> HttpResponse:
    """What a contract reported over three years, against norm and promise."""
    today = database_today()
    board = contract_board(request.user, pk, today)
    if board is None:
        raise Http404
    contract = board.history.contract
    waiting = reports_of(request.user).filter(contract=contract, status__in=OPEN).order_by("year", "quarter")
    context = {
        "board": board,
        "contract": contract,
        "is_contractor": is_contractor(request.user, contract),
        "waiting": [(row, quarter_name(quarter_of_report(row)), is_late(row, today)) for row in waiting],
        "missing": [quarter_name(quarter) for quarter in board.history.missing],
    }
    return render(request, "contracts/results/contract.html", context)


def _report(request: UserRequest, pk: int, year: int, quarter: int) -> ResultReport:
    return get_object_or_404(reports_of(request.user), contract=pk, year=year, quarter=quarter)


@require_safe
@allow(Role.PROVIDER, read=READERS)
def report(request: UserRequest, pk: int, year: int, quarter: int) -> HttpResponse:
    """A report as it was handed in; its contractor fills in one that is open."""
    found = _report(request, pk, year, quarter)
    if found.status in OPEN and is_contractor(request.user, found.contract):
        return _fill_page(request, found, ReportForm(sheet=sheet_of(found)))
    return _report_page(request, found, None)


@require_POST
@allow(Role.PROVIDER)
def report_save(request: UserRequest, pk: int, year: int, quarter: int) -> HttpResponse:
    """Keep what was typed, by itself or with the button; or hand it in."""
    found = _report(request, pk, year, quarter)
    if not is_contractor(request.user, found.contract):
        raise Http404
    sheet = sheet_of(found)
    typed = {name: request.POST.get(name, "") for name in sheet.names}
    form = ReportForm(request.POST, sheet=sheet)
    by_itself = bool(request.headers.get("X-Autosave"))
    try:
        if by_itself or "save" in request.POST:
            save_draft(report=found, typed=typed, by=request.user)
            if by_itself:
                return JsonResponse({})
            messages.success(request, _("Your draft is saved. The report is not handed in yet."))
            return redirect("contracts:report", pk, year, quarter)
        if form.is_valid():
            explanation = form.cleaned_data["explanation"]
            submit_report(report=found, figures=form.figures, explanation=explanation, by=request.user)
            messages.success(request, _("The report is handed in. Team CLM looks at it."))
            return redirect("contracts:report", pk, year, quarter)
    except RuleViolation as violation:
        if by_itself:
            return JsonResponse({"message": violation.message}, status=422)
        form.full_clean()
        form.refuse(violation)
    return _fill_page(request, found, form)


def _fill_page(request: UserRequest, found: ResultReport, form: ReportForm) -> HttpResponse:
    context = {
        "report": found,
        "contract": found.contract,
        "quarter": quarter_name(quarter_of_report(found)),
        "late": is_late(found, database_today()),
        "form": form,
    }
    return render(request, "contracts/results/fill.html", context, status=form.http_status)


def _report_page(request: UserRequest, found: ResultReport, form: SendBackForm | None) -> HttpResponse:
    may_judge = works_for_region(request.user, found.contract.segment.tender, Role.CLM)
    came = found.status in COUNTS or (found.status == ReportStatus.RETURNED and found.submitted_at is not None)
    context = {
        "report": found,
        "contract": found.contract,
        "quarter": quarter_name(quarter_of_report(found)),
        "late": is_late(found, database_today()),
        "rows": figure_rows(request.user, found) if came else [],
        "came": came,
        "form": form or (SendBackForm(action=_back(found)) if may_judge and found.status in COUNTS else None),
        "may_accept": may_judge and found.status == ReportStatus.SUBMITTED,
    }
    return render(request, "contracts/results/report.html", context, status=form.http_status if form else 200)


def _back(found: ResultReport) -> str:
    return reverse("contracts:report_send_back", args=[found.contract_id, found.year, found.quarter])


@require_POST
@allow(Role.CLM)
def report_accept(request: UserRequest, pk: int, year: int, quarter: int) -> HttpResponse:
    """Accept a report as it is."""
    found = _report(request, pk, year, quarter)
    try:
        accept_report(report=found, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
    else:
        messages.success(request, _("The report is accepted."))
    return redirect("contracts:report", pk, year, quarter)


@require_POST
@allow(Role.CLM)
def report_send_back(request: UserRequest, pk: int, year: int, quarter: int) -> HttpResponse:
    """Send a report back with what has to be corrected."""
    found = _report(request, pk, year, quarter)
    form = SendBackForm(request.POST, action=_back(found))
    if form.is_valid():
        try:
            send_back_report(report=found, reason=form.cleaned_data["reason"], by=request.user)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("The report is sent back to the contractor."))
            return redirect("contracts:report", pk, year, quarter)
    return _report_page(request, found, form)
