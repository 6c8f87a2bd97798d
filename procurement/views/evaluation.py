"""The evaluator's pages: my segments, the list of entries, one entry with its scores, and handing in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import RuleViolation
from procurement.enums import EntryStatus, SegmentRoundStatus
from procurement.forms.evaluation import ScoreForm
from procurement.models import CommitteeMember, Entry
from procurement.selectors.answers import answers_by_criterion
from procurement.selectors.completeness import clarifications_beside
from procurement.selectors.evaluation import (
    EntryRow,
    choices_for,
    entry_rows,
    evaluator_overview,
    graded_criteria,
    missing_scores,
    own_scores,
    readable_segment_entries,
    seats_of,
)
from procurement.services import evaluation as services
from procurement.views.saving import http_status, save_changed


@allow(Role.EVALUATOR)
def evaluator_home(request: UserRequest) -> HttpResponse:
    """My segments, how far I am, and what is next."""
    overview = evaluator_overview(request.user)
    closed = [item for item in overview if item.closed]
    to_do = [item for item in overview if not item.closed]
    return render(request, "procurement/evaluation/home.html", {"overview": overview, "to_do": to_do, "closed": closed})


@allow(Role.EVALUATOR)
def evaluate(request: UserRequest, pk: int) -> HttpResponse:
    """The entries of a segment, to do or done."""
    seat = _seat(request, pk)
    rows = entry_rows(seat)
    to_do = [row for row in rows if row.admitted and not row.done]
    done = [row for row in rows if row.admitted and row.done]
    shown = request.GET.get("toon", "")
    tabs = [
        {"label": _("All"), "url": "?", "current": shown not in ("te-doen", "klaar"), "count": len(rows)},
        {"label": _("To do"), "url": "?toon=te-doen", "current": shown == "te-doen", "count": len(to_do)},
        {"label": _("Done"), "url": "?toon=klaar", "current": shown == "klaar", "count": len(done)},
    ]
    context = {
        "seat": seat,
        "segment_round": seat.segment_round,
        "rows": {"te-doen": to_do, "klaar": done}.get(shown, rows),
        "tabs": tabs,
        "done": len(done),
        "total": len(done) + len(to_do),
        "next_entry": to_do[0] if to_do else None,
        "writable": _writable(seat),
    }
    return render(request, "procurement/evaluation/list.html", context)


@allow(Role.EVALUATOR)
def score_entry(request: UserRequest, pk: int, entry_id: int) -> HttpResponse:
    """One entry: its answers beside the rubric, and a score with a reason for each criterion.

    One form, so that nothing typed is lost; each criterion is saved by itself, also where another
    one is refused.
    """
    seat = _seat(request, pk)
    entry = get_object_or_404(
        readable_segment_entries(request.user, seat.segment_round).select_related("submission__organisation"),
        pk=entry_id,
    )
    writable = _writable(seat) and entry.status == EntryStatus.ADMITTED
    forms = _score_forms(request, seat, entry, writable=writable)
    if request.method == "POST":
        saved = save_changed(forms, lambda form: _save(request, entry, form))
        if saved:
            text = ngettext("%(count)d score saved.", "%(count)d scores saved.", saved)
            messages.success(request, text % {"count": saved})
        if not any(form.errors for form in forms):
            return _after_saving(request, seat, entry)
    context = _entry_context(request, seat, entry, forms)
    context["clarified"] = clarifications_beside(request.user, entry.submission)
    return render(request, "procurement/evaluation/entry.html", context, status=http_status(forms))


@allow(Role.EVALUATOR)
def hand_in(request: UserRequest, pk: int) -> HttpResponse:
    """End my scoring: first what is missing, then the question whether I am sure."""
    seat = _seat(request, pk)
    if request.method == "POST":
        try:
            services.hand_in(segment_round=seat.segment_round, by=request.user)
        except RuleViolation as error:
            messages.error(request, error.message)
            return redirect("procurement:hand_in", pk=pk)
        messages.success(request, _("Your scores are handed in. Thank you."))
        return redirect("procurement:evaluator_home")
    context = {
        "seat": seat,
        "segment_round": seat.segment_round,
        "missing": missing_scores(seat),
        "writable": _writable(seat),
    }
    return render(request, "procurement/evaluation/hand_in.html", context)


def _seat(request: UserRequest, pk: int) -> CommitteeMember:
    return get_object_or_404(seats_of(request.user), segment_round=pk)


def _writable(seat: CommitteeMember) -> bool:
    return seat.handed_in_at is None and seat.segment_round.status == SegmentRoundStatus.SCORING


def _score_forms(request: UserRequest, seat: CommitteeMember, entry: Entry, *, writable: bool) -> list[ScoreForm]:
    scores = own_scores(seat, entry)
    forms = [
        ScoreForm(
            request.POST if request.method == "POST" else None,
            criterion=criterion,
            choices=choices_for(criterion, seat.segment_round),
            score=scores.get(criterion.pk),
        )
        for criterion in graded_criteria(seat.segment_round)
    ]
    if not writable and request.method != "POST":
        for form in forms:
            for field in form.fields.values():
                field.disabled = True
    return forms


def _save(request: UserRequest, entry: Entry, form: ScoreForm) -> None:
    data = form.cleaned_data
    services.save_score(
        entry=entry, criterion=form.criterion, value=data["value"], reason=data["reason"], by=request.user
    )


def _after_saving(request: UserRequest, seat: CommitteeMember, entry: Entry) -> HttpResponse:
    pk = seat.segment_round_id
    if "next" not in request.POST:
        return redirect("procurement:score_entry", pk=pk, entry_id=entry.pk)
    rows = [row for row in entry_rows(seat) if row.admitted]
    position = next((i for i, row in enumerate(rows) if row.id == entry.pk), -1)
    # From here on, and then from the beginning: what is not finished.
    for row in rows[position + 1 :] + rows[: position + 1]:
        if not row.done:
            return redirect("procurement:score_entry", pk=pk, entry_id=row.id)
    return redirect("procurement:hand_in", pk=pk)


def _entry_context(request: UserRequest, seat: CommitteeMember, entry: Entry, forms: list[ScoreForm]) -> dict[str, Any]:
    by_criterion, others = answers_by_criterion(request.user, entry, seat.segment_round)
    rows = entry_rows(seat)
    previous, following, place = neighbours(rows, entry)
    return {
        "seat": seat,
        "segment_round": seat.segment_round,
        "entry": entry,
        "forms": forms,
        "parts": [(form, by_criterion.pop(form.criterion.code, [])) for form in forms],
        "other_answers": others + [row for rows_ in by_criterion.values() for row in rows_],
        "previous": previous,
        "following": following,
        "place": place,
        "total": len(rows),
        "writable": _writable(seat) and entry.status == EntryStatus.ADMITTED,
    }


def neighbours(rows: list[EntryRow], entry: Entry) -> tuple[EntryRow | None, EntryRow | None, int]:
    """The entries before and after this one, and its place, counted from 1."""
    place = next((i for i, row in enumerate(rows) if row.id == entry.pk), 0)
    previous = rows[place - 1] if place else None
    following = rows[place + 1] if place + 1 < len(rows) else None
    return previous, following, place + 1
