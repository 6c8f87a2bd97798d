"""Letters on the screen: the lead's preview before sending, and the bidder's own letter."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow, authenticated
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from procurement.domain.letters import LetterContent
from procurement.enums import BatchPurpose
from procurement.forms.draw import AnnounceDrawForm
from procurement.models import Decision
from procurement.selectors.decisions import visible_decisions, visible_letters
from procurement.selectors.evaluation import managed_segment_rounds
from procurement.selectors.letter_gaps import Gap, letter_gaps
from procurement.selectors.letters import decision_number, facts_to_show, letter_content, letter_source
from procurement.selectors.ranking import latest_ranking
from procurement.selectors.signing import oversees, readable_decisions
from procurement.services.decisions import retry_letter
from procurement.services.letter_batches import announce_draw
from procurement.services.letter_pdf import render_body, render_pdf
from procurement.services.letter_sending import mark_read
from providers.enums import LetterLanguage

# What a decision is told by; a draw is announced before there is one.
OF_A_DECISION = (BatchPurpose.DECISION, BatchPurpose.INVITATION, BatchPurpose.WITHDRAWAL, BatchPurpose.FINAL)


@dataclass(frozen=True)
class Shown:
    """A letter as it would be made today, or the gaps that keep it from being made; and the address of itself."""

    decision: Decision
    content: LetterContent | None
    gaps: list[Gap]
    query: str


def _shown(request: UserRequest, pk: int, entry_id: int) -> Shown:
    """Of the decision itself, or as `?doel=` asks: the invitation, the withdrawal, the final award. `?taal=` shows it
    in the other language."""
    decision = get_object_or_404(readable_decisions(request.user), pk=pk)
    asked = {key: request.GET[key] for key in ("doel", "taal", "reden") if request.GET.get(key)}
    purpose, language = asked.get("doel", BatchPurpose.DECISION), asked.get("taal", "")
    if purpose not in OF_A_DECISION or language not in ("", *LetterLanguage.values):
        raise Http404
    facts = facts_to_show(decision, purpose, reason=asked.get("reden", ""))
    source = letter_source(decision=decision, purpose=BatchPurpose(purpose), facts=facts)
    if entry_id not in source.receivers:
        raise Http404
    gaps = letter_gaps(source, by=request.user)
    content = None if gaps else letter_content(source, entry_id, on=database_today(), language=language)
    return Shown(decision, content, gaps, f"?{urlencode(asked)}" if asked else "")


@allow(Role.LEAD, read=(Role.AUDITOR, Role.MANDATE))
def preview(request: UserRequest, pk: int, entry_id: int) -> HttpResponse:
    """One letter as a page, before it is sent."""
    shown = _shown(request, pk, entry_id)
    content = shown.content
    context = {
        "decision": shown.decision,
        "number": decision_number(shown.decision),
        "entry_id": entry_id,
        "query": shown.query,
        "receiver": content.receiver.name if content else "",
        "language": content.language if content else "",
        "body": render_body(content, headings=("h2", "h3", "h4")) if content else "",
        "gaps": shown.gaps,
        "signs": not oversees(request.user),
        "unsigned": shown.decision.signed_by is None,
    }
    return render(request, "procurement/letter/preview.html", context)


@allow(Role.LEAD, read=(Role.AUDITOR, Role.MANDATE))
def preview_pdf(request: UserRequest, pk: int, entry_id: int) -> HttpResponse:
    """One letter as PDF, before it is sent."""
    shown = _shown(request, pk, entry_id)
    if shown.content is None:
        return redirect(reverse("procurement:letter_preview", args=[pk, entry_id]) + shown.query)
    name = f"voorbeeld-{decision_number(shown.decision)}-{shown.content.submission_number}.pdf"
    return _pdf(shown.content, name)


@allow(Role.LEAD)
def draw_announce(request: UserRequest, pk: int) -> HttpResponse:
    """Tell the equal bidders when, where and how lots are drawn; first as an example, then by letter."""
    found = get_object_or_404(managed_segment_rounds(request.user), pk=pk)
    ranking = latest_ranking(found)
    if ranking is None:
        raise Http404
    form = AnnounceDrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if "example" in request.POST:
            source = letter_source(ranking=ranking, purpose=BatchPurpose.DRAW, facts=form.facts())
            if not source.receivers:
                raise Http404
            first = next(iter(source.receivers))
            return _pdf(letter_content(source, first, on=database_today()), "voorbeeld-loting.pdf")
        try:
            job = announce_draw(ranking=ranking, facts=form.facts(), by=request.user)
        except RuleViolation as broken:
            form.refuse(broken)
        else:
            return redirect("jobs:job", pk=job.pk)
    context = {"segment_round": found, "form": form}
    return render(request, "procurement/draw/announce.html", context, status=form.http_status)


def _pdf(content: LetterContent, name: str) -> HttpResponse:
    response = HttpResponse(render_pdf(content), content_type="application/pdf")
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
