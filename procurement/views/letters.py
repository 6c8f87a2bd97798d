"""Letters on the screen: the lead's preview before sending, and the bidder's own letter."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow, authenticated
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from procurement.domain.letters import LetterContent
from procurement.models import Decision
from procurement.selectors.decisions import visible_decisions, visible_letters
from procurement.selectors.letter_gaps import Gap, letter_gaps
from procurement.selectors.letters import decision_number, letter_content, letter_source
from procurement.selectors.signing import oversees, readable_decisions
from procurement.services.decisions import retry_letter
from procurement.services.letter_pdf import render_body, render_pdf
from procurement.services.letter_sending import mark_read


def _content(request: UserRequest, pk: int, entry_id: int) -> tuple[Decision, LetterContent | None, list[Gap]]:
    """The letter as it would be made today; None with the gaps where it would be incomplete."""
    decision = get_object_or_404(readable_decisions(request.user), pk=pk)
    source = letter_source(decision=decision)
    if entry_id not in source.rows:
        raise Http404
    gaps = letter_gaps(source, by=request.user)
    return decision, None if gaps else letter_content(source, entry_id, on=database_today()), gaps


@allow(Role.LEAD, read=(Role.AUDITOR, Role.MANDATE))
def preview(request: UserRequest, pk: int, entry_id: int) -> HttpResponse:
    """One letter as a page, before it is sent."""
    decision, content, gaps = _content(request, pk, entry_id)
    context = {
        "decision": decision,
        "number": decision_number(decision),
        "entry_id": entry_id,
        "receiver": content.receiver.name if content else "",
        "body": render_body(content, headings=("h2", "h3", "h4")) if content else "",
        "gaps": gaps,
        "signs": not oversees(request.user),
    }
    return render(request, "procurement/letter/preview.html", context)


@allow(Role.LEAD, read=(Role.AUDITOR, Role.MANDATE))
def preview_pdf(request: UserRequest, pk: int, entry_id: int) -> HttpResponse:
    """One letter as PDF, before it is sent."""
    decision, content, _gaps = _content(request, pk, entry_id)
    if content is None:
        return redirect("procurement:letter_preview", pk=pk, entry_id=entry_id)
    response = HttpResponse(render_pdf(content), content_type="application/pdf")
    name = f"voorbeeld-{decision_number(decision)}-{content.submission_number}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@allow(Role.LEAD)
@require_POST
def retry(request: UserRequest, pk: int, letter_id: uuid.UUID) -> HttpResponse:
    """Try one failed letter again."""
    decision = get_object_or_404(visible_decisions(request.user), pk=pk)
    letter = get_object_or_404(decision.letters.select_related("decision"), pk=letter_id)
    try:
        job = retry_letter(letter=letter, by=request.user)
    except RuleViolation as violation:
        messages.error(request, violation.message)
        return redirect("procurement:decision", pk=pk)
    messages.success(request, _("The letter is made again."))
    if job.created_by_id != request.user.pk:
        return redirect("procurement:decision", pk=pk)
    return redirect("jobs:job", pk=job.pk)


@authenticated
def letter(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """A letter, for those it is for: noted as read at the first time, and served through the gate of files."""
    found = get_object_or_404(visible_letters(request.user), pk=pk)
    mark_read(letter=found, by=request.user)
    return redirect("documents:download", pk=found.file_id)
