"""The records of a procedure and the dossiers of a tender: asked for, and read with all their versions."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import RuleViolation
from achterhoek.jobs.models import Job
from procurement.selectors.records import record_page, recorded_tenders
from procurement.services.procedure_record import request_record
from procurement.services.tender_dossier import request_dossier


@allow(Role.LEAD, Role.AUDITOR)
def records(request: UserRequest, slug: str) -> HttpResponse:
    """All versions, and the buttons to ask for a new one."""
    tender = get_object_or_404(recorded_tenders(request.user), slug=slug)
    return render(request, "procurement/record/page.html", {"page": record_page(request.user, tender)})


@allow(Role.LEAD, Role.AUDITOR)
@require_POST
def record_request(request: UserRequest, slug: str) -> HttpResponse:
    """Ask for the record of the procedure; its progress page follows."""
    return _asked(request, slug, request_record)


@allow(Role.LEAD, Role.AUDITOR)
@require_POST
def dossier_request(request: UserRequest, slug: str) -> HttpResponse:
    """Ask for the dossier; its progress page follows."""
    return _asked(request, slug, request_dossier)


def _asked(request: UserRequest, slug: str, ask: Callable[..., Job]) -> HttpResponse:
    tender = get_object_or_404(recorded_tenders(request.user), slug=slug)
    try:
        job = ask(tender=tender, by=request.user)
    except RuleViolation as error:
        messages.error(request, error.message)
        return redirect("procurement:records", slug=slug)
    if job.created_by_id != request.user.pk:
        return redirect("procurement:records", slug=slug)
    return redirect("jobs:job", pk=job.pk)
