"""One bid before one evaluator: its answers beside the rubric, and a score with a reason for each criterion."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from csp.decorators import csp_replace
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.documents.views import inline
from achterhoek.errors import NotAllowed
from procurement.enums import ScoringOrder
from procurement.forms.scoring import NoteForm, SheetForm
from procurement.models import Criterion, Entry
from procurement.selectors.answers import answers_by_criterion
from procurement.selectors.completeness import clarifications_beside
from procurement.selectors.meeting import attendance
from procurement.selectors.naming import names_hidden
from procurement.selectors.scoring import BidRow, Sheet, bid_rows, entry_to_read, sheet_of
from procurement.services.scoring import Kept, Outcome, Typed, plain, save_note, save_typed
from procurement.views.saving import http_status

PDF = "application/pdf"


@allow(Role.EVALUATOR)
@csp_replace({"frame-src": ["'self'"]})  # type: ignore[arg-type]
def score_entry(request: UserRequest, pk: int, entry_id: int) -> HttpResponse:
    """One form, so that nothing typed is lost; each criterion is kept by itself, also where another is refused.

    The same address takes what is saved while typing, and answers that with data.
    """
    if request.method != "POST":
        sheet = _sheet(request, pk, entry_id)
        entry = _entry(request, sheet, entry_id)
        forms = [_form(sheet, criterion) for criterion in _chosen(request, sheet)]
        _put_phrase_in(forms, entry, request.GET.get("zin", ""))
        return _page(request, sheet, entry, forms)
    final = not request.headers.get("X-Autosave")
    typed = _typed(request)
    try:
        sheet, outcomes = save_typed(
            segment_round=pk, entry=entry_id, typed=typed, by=request.user, final=final and "phrase" not in request.POST
        )
    except (NotAllowed, KeyError):
        raise Http404 from None
    if sheet.entry_status is None and not outcomes:
        raise Http404
    if not final:
        return JsonResponse({"outcomes": {str(key): _told(value) for key, value in outcomes.items()}})
    saved = sum(outcome.kept is Kept.SCORE for outcome in outcomes.values())
    if saved:
        text = ngettext("%(count)d score saved.", "%(count)d scores saved.", saved)
        messages.success(request, text % {"count": saved})
    if any(outcome.message for outcome in outcomes.values()):
        return _again(request, sheet, entry_id, outcomes)
    if "phrase" in request.POST:
        shown = str(typed[0].criterion) if len(typed) == 1 else ""
        return redirect(_address(pk, entry_id, shown, phrase=request.POST["phrase"]))
    return _after_saving(request, sheet, entry_id)


@allow(Role.EVALUATOR)
@require_POST
def scoring_note(request: UserRequest, pk: int, entry_id: int) -> HttpResponse:
    """Keep the private note and the flag."""
    sheet = _sheet(request, pk, entry_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        forms = [_form(sheet, criterion) for criterion in _chosen(request, sheet)]
        return _page(request, sheet, _entry(request, sheet, entry_id), forms, note=form)
    data = form.cleaned_data
    save_note(sheet=sheet, entry=entry_id, text=data["text"], flagged=data["flagged"], by=request.user)
    if request.headers.get("X-Autosave"):
        return JsonResponse({})
    messages.success(request, _("Your note is saved. Only you read it."))
    return redirect(_address(pk, entry_id, request.GET.get("criterium", "")))


@allow(Role.EVALUATOR, Role.LEAD, read=(Role.AUDITOR,))
@require_safe
@csp_replace({"frame-ancestors": ["'self'"]})  # type: ignore[arg-type]
def bid_document(request: UserRequest, pk: int, document: Any) -> HttpResponseBase:
    """A PDF beside the rubric or in the meeting, in a frame of our own page; through the same gate as every file."""
    if attendance(request.user, pk) is None:
        raise Http404
    return inline(request, document)


def _sheet(request: UserRequest, pk: int, entry_id: int) -> Sheet:
    sheet = sheet_of(request.user, pk, entry_id)
    if sheet is None or sheet.entry_status is None:
        raise Http404
    return sheet


def _chosen(request: UserRequest, sheet: Sheet) -> list[Criterion]:
    """All criteria, or the one that is gone through over all bids; where the lead wants it so, always one."""
    order = sheet.segment_round.scoring_order
    key = request.GET.get("criterium", "")
    one = [criterion for criterion in sheet.criteria if str(criterion.pk) == key]
    if order == ScoringOrder.PER_BID or (not one and order == ScoringOrder.FREE):
        return list(sheet.criteria)
    return one or _first_open(sheet)


def _first_open(sheet: Sheet) -> list[Criterion]:
    waiting = [criterion for criterion in sheet.criteria if not sheet.shown[criterion.pk].given]
    return (waiting or list(sheet.criteria))[:1]


def _form(sheet: Sheet, criterion: Criterion, data: Any = None, outcome: Outcome | None = None) -> SheetForm:
    shown = outcome.shown if outcome else sheet.shown[criterion.pk]
    form = SheetForm(data, criterion=criterion, shown=shown, segment_round=sheet.segment_round)
    if outcome and outcome.message and data is not None:
        form.full_clean()
        field = outcome.field if outcome.field in form.fields else None
        form.errors.pop(field or "", None)
        form.add_error(field, outcome.message)
    elif not sheet.writable and data is None:
        for field_ in form.fields.values():
            field_.disabled = True
    return form


def _typed(request: UserRequest) -> list[Typed]:
    """What the page sent of each criterion, with a phrase put in where its button was pressed."""
    keys = [name[1:-7] for name in request.POST if name.startswith("k") and name.endswith("-reason")]
    return [_typed_of(request, int(key)) for key in keys if key.isdecimal() and len(key) < 10]


def _typed_of(request: UserRequest, pk: int) -> Typed:
    data = request.POST
    return Typed(
        pk,
        data.get(f"k{pk}-value", "").strip()[:10],
        plain(data.get(f"k{pk}-reason", ""))[:4000],
        (data.get(f"initial-k{pk}-value", ""), plain(data.get(f"initial-k{pk}-reason", ""))),
    )


def _told(outcome: Outcome) -> dict[str, Any]:
    """What became of it, for the script: `seen` is what the page now knows to stand there."""
    told: dict[str, Any] = {"state": outcome.kept.value, "message": outcome.message, "field": outcome.field}
    if outcome.kept in (Kept.SCORE, Kept.DRAFT):
        told["seen"] = {"value": outcome.shown.value, "reason": outcome.shown.reason}
    return told


def _again(request: UserRequest, sheet: Sheet, entry_id: int, outcomes: dict[int, Outcome]) -> HttpResponse:
    """The page as it was typed, with what is wrong; and with a phrase, where that was asked for."""
    entry = _entry(request, sheet, entry_id)
    data = request.POST.copy()
    key, phrase = _phrase(entry, data.get("phrase", ""))
    if phrase:
        data[f"k{key}-reason"] = f"{data.get(f'k{key}-reason', '').rstrip()} {phrase}".strip()
    forms = []
    for criterion in _chosen(request, sheet):
        outcome = outcomes.get(criterion.pk)
        kept = outcome is not None and outcome.kept is Kept.SCORE and key != str(criterion.pk)
        forms.append(_form(sheet, criterion, None if kept or f"k{criterion.pk}-reason" not in data else data, outcome))
    return _page(request, sheet, entry, forms)


def _phrase(entry: Entry, asked: str) -> tuple[str, str]:
    """The criterion and the text of a phrase that was asked for as "criterion:phrase"; no text where there is none."""
    key, _sep, number = asked.partition(":")
    return key, next((one["text"] for one in _phrases(entry) if str(one["pk"]) == number), "")


def _put_phrase_in(forms: list[SheetForm], entry: Entry, asked: str) -> None:
    """A phrase behind what stands there: typed for the evaluator, and kept only when that is saved."""
    key, phrase = _phrase(entry, asked)
    for form in forms:
        if phrase and str(form.criterion.pk) == key:
            form.initial["reason"] = f"{form.shown.reason.rstrip()} {phrase}".strip()


def _phrases(entry: Entry) -> list[dict[str, Any]]:
    """The phrases of the lead, which came along with the bid."""
    return getattr(entry, "phrases", [])


def _address(pk: int, entry_id: int, criterion: str = "", *, phrase: str = "") -> str:
    address = reverse("procurement:score_entry", args=[pk, entry_id])
    asked = {"criterium": str(int(criterion))} if criterion.isdecimal() else {}
    asked |= {"zin": phrase} if phrase else {}
    return f"{address}?{urlencode(asked)}" if asked else address


def _after_saving(request: UserRequest, sheet: Sheet, entry_id: int) -> HttpResponse:
    """On to the next bid that is not finished: the page named it already, so that saving need not look for it."""
    pk, criterion = sheet.segment_round.pk, request.GET.get("criterium", "")
    if "next" not in request.POST:
        return redirect(_address(pk, entry_id, criterion))
    named = request.POST["next"]
    if named.isdecimal():
        return redirect(_address(pk, int(named), criterion))
    following = next_open(_rows(request, sheet, _chosen(request, sheet)), entry_id)
    if following:
        return redirect(_address(pk, following.id, criterion))
    return redirect("procurement:hand_in", pk=pk)


def _rows(request: UserRequest, sheet: Sheet, criteria: list[Criterion]) -> list[BidRow]:
    open_ = [criterion.pk for criterion in criteria if criterion.pk not in sheet.closed]
    hidden = names_hidden(request.user, sheet.segment_round.round.tender)
    return bid_rows(sheet.seat, request.user.pk, open_, sheet.segment_round, hidden=hidden)


def next_open(rows: list[BidRow], entry_id: int) -> BidRow | None:
    """The next bid that is not finished: from here on, and then from the beginning."""
    place = next((i for i, row in enumerate(rows) if row.id == entry_id), -1)
    return next((row for row in rows[place + 1 :] + rows[: max(place, 0)] if row.admitted and not row.done), None)


def _entry(request: UserRequest, sheet: Sheet, entry_id: int) -> Entry:
    """The bid; where it is no longer to be read: only its number, so that what was typed can be shown."""
    return entry_to_read(request.user, sheet, entry_id) or Entry(pk=entry_id, status="")


def _page(
    request: UserRequest, sheet: Sheet, entry: Entry, forms: list[SheetForm], note: NoteForm | None = None
) -> HttpResponse:
    context = _context(request, sheet, entry, forms)
    initial: Any = {"text": getattr(entry, "note_text", ""), "flagged": getattr(entry, "is_flagged", False)}
    context["note"] = note or NoteForm(initial=initial, auto_id="id_note_%s")
    return render(request, "procurement/evaluation/entry.html", context, status=http_status(forms))


def _context(request: UserRequest, sheet: Sheet, entry: Entry, forms: list[SheetForm]) -> dict[str, Any]:
    segment_round = sheet.segment_round
    readable = sheet.entry_status is not None
    clarified = getattr(entry, "was_clarified", False)  # seldom; to ask for what may be read of them takes long
    by_criterion, others = answers_by_criterion(request.user, entry, segment_round) if readable else ({}, [])
    chosen = [form.criterion for form in forms]
    one = len(chosen) == 1 < len(sheet.criteria)
    rows = _rows(request, sheet, chosen)
    place = next((i for i, row in enumerate(rows) if row.id == entry.pk), 0)
    admitted = [row for row in rows if row.admitted]
    parts = [(form, by_criterion.pop(form.criterion.code, [])) for form in forms]
    return {
        "segment_round": segment_round,
        "entry": entry,
        "title": next((row.organisation for row in rows if row.id == entry.pk), sheet.number),
        "number": sheet.number,
        "forms": forms,
        "parts": parts,
        "criterion": chosen[0] if one else None,
        "query": f"?criterium={chosen[0].pk}" if one else "",
        "other_answers": others + ([] if one else [row for rows_ in by_criterion.values() for row in rows_]),
        "phrases": _phrases(entry) if sheet.writable else [],
        "previous": rows[place - 1] if place else None,
        "following": rows[place + 1] if place + 1 < len(rows) else None,
        "next_open": next_open(rows, entry.pk),
        "place": place + 1,
        "total": len(rows),
        "done": sum(row.done for row in admitted),
        "to_score": len(admitted),
        "writable": sheet.writable,
        "clarified": clarifications_beside(request.user, entry.submission) if clarified else [],
    }
