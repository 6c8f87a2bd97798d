"""Reading the letters of a batch before they go."""

from __future__ import annotations

import uuid
from contextlib import suppress

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import RuleViolation
from achterhoek.spreadsheets import as_csv
from procurement.rules import is_lead
from procurement.selectors.decisions import visible_decisions
from procurement.selectors.letters import decision_number, notice_dates_for, printed_on
from procurement.selectors.proofreading import proof_lines, proof_table, visible_batches, waits_for_reading
from procurement.services.letter_batches import let_go, page_of, request_sending
from procurement.services.proofreading import mark_looked_at


@allow(Role.LEAD)
@require_POST
def make(request: UserRequest, pk: int) -> HttpResponse:
    """Have the letters of a decision made; they go when the lead says so."""
    decision = get_object_or_404(visible_decisions(request.user), pk=pk)
    try:
        job = request_sending(decision=decision, by=request.user, held=True)
    except RuleViolation as violation:
        messages.error(request, violation.message)
        return redirect("procurement:decision", pk=pk)
    return redirect("jobs:job", pk=job.pk)


@allow(Role.LEAD, read=(Role.AUDITOR,))
def proofread(request: UserRequest, pk: int) -> HttpResponse:
    """The letters of a batch with what has to be right in each, and ticks for those that were looked at."""
    batch = get_object_or_404(visible_batches(request.user), pk=pk)
    if request.method == "POST":
        _tick(request, batch.pk)
        return redirect(request.get_full_path())
    unread = request.GET.get("toon") == "ongelezen"
    lines = proof_lines(batch)
    segment_round = batch.ranking.segment_round
    made = next((printed_on(line.made_at) for line in lines if line.made_at), None)
    context = {
        "batch": batch,
        "lines": [line for line in lines if not (unread and line.looked_at)],
        "unread": unread,
        "number": decision_number(batch.decision) if batch.decision else "",
        "back": page_of(batch),
        "segment_round": segment_round,
        "dates": notice_dates_for(segment_round, made) if made else None,
        "works_here": is_lead(request.user, segment_round.round.tender),
        "waits": waits_for_reading(batch, lines),
        "read": sum(line.looked_at is not None for line in lines),
        "count": len(lines),
        "left": sum(line.looked_at is None for line in lines),
    }
    return render(request, "procurement/letter/proofread.html", context)


def _tick(request: UserRequest, pk: int) -> None:
    chosen = []
    for given in request.POST.getlist("letter"):
        with suppress(ValueError):
            chosen.append(uuid.UUID(given))
    batch = get_object_or_404(visible_batches(request.user), pk=pk)
    try:
        new = mark_looked_at(batch=batch, letters=chosen, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
    else:
        said = ngettext("%(count)s letter ticked off.", "%(count)s letters ticked off.", new)
        messages.success(request, said % {"count": new})


@allow(Role.LEAD, read=(Role.AUDITOR,))
def proofread_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """The list for a spreadsheet."""
    batch = get_object_or_404(visible_batches(request.user), pk=pk)
    response = HttpResponse(as_csv(proof_table(batch, proof_lines(batch))), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="leeslijst-{batch.pk}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


@allow(Role.LEAD)
@require_POST
def send(request: UserRequest, pk: int) -> HttpResponse:
    """Let the letters go that waited to be read."""
    batch = get_object_or_404(visible_batches(request.user), pk=pk)
    try:
        job = let_go(batch=batch, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
        return redirect("procurement:proofread", pk=pk)
    return redirect("jobs:job", pk=job.pk)
