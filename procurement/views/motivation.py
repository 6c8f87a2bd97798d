"""The reasons in the letters of a decision, before the lead: which have to be looked at, and one bidder's at a time."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.clock import database_today
from procurement.domain.motivation import Standing, tidy
from procurement.forms.motivation import ReasonForm
from procurement.models import Decision
from procurement.rules import is_lead
from procurement.selectors.decisions import visible_decisions
from procurement.selectors.letters import LetterSource, ReasonKey, decision_number, letter_content, letter_source
from procurement.selectors.motivation import Bidder, bidders_of, counts_of, may_edit, next_to_look_at
from procurement.services.letter_pdf import render_body
from procurement.services.motivation import Outcome, Typed, closed_words, save_typed
from procurement.views.saving import http_status

# What the list can be narrowed down to, as it is called in the address.
SHOWN = {"gat": Standing.GAP, "bekijken": Standing.LOOK, "compleet": Standing.COMPLETE}


@allow(Role.LEAD, read=(Role.AUDITOR,))
@require_safe
def motivation_list(request: UserRequest, pk: int) -> HttpResponse:
    """All bidders that are told reasons, with how these stand."""
    decision = _decision(request, pk)
    bidders = bidders_of(letter_source(decision=decision), by=request.user)
    counts = counts_of(bidders)
    shown = request.GET.get("stand", "")
    wanted = SHOWN.get(shown)
    context = _common(decision) | {
        "bidders": [one for one in bidders if wanted is None or one.standing == wanted],
        "counts": counts,
        "filtered": wanted is not None,
        "tabs": _tabs(decision, shown if wanted else "", counts),
        "first": next((one for one in bidders if one.standing != Standing.COMPLETE), None),
    }
    return render(request, "procurement/motivation/list.html", context)


@allow(Role.LEAD, read=(Role.AUDITOR,))
@require_safe
def motivation_next(request: UserRequest, pk: int) -> HttpResponse:
    """To the next bidder with something to look at, after the one in `na`; to the list where there is none."""
    decision = _decision(request, pk)
    after = request.GET.get("na", "")
    bidders = bidders_of(letter_source(decision=decision), by=request.user)
    found = next_to_look_at(bidders, int(after) if after.isdecimal() and len(after) < 10 else 0)
    if found is None:
        messages.info(request, _("There is nothing more to look at."))
        return redirect("procurement:motivation_list", pk=pk)
    return redirect("procurement:motivation", pk=pk, entry_id=found.entry_id)


@allow(Role.LEAD, read=(Role.AUDITOR,))
def motivation(request: UserRequest, pk: int, entry_id: int) -> HttpResponse:
    """One bidder: what the record says beside what the letter will say, with what was found in it.

    One form, so that nothing typed is lost; each reason is saved by itself, also where another is refused. The same
    address takes what is saved while typing, and answers that with data.
    """
    decision = _decision(request, pk)
    source, bidder = _bidder(request, decision, entry_id)
    if request.method != "POST":
        return _page(request, decision, source, bidder, [ReasonForm(reason=reason) for reason in bidder.reasons])
    autosave = bool(request.headers.get("X-Autosave"))
    outcomes = save_typed(decision=decision, typed=_typed(request, bidder, autosave=autosave), by=request.user)
    source, bidder = _bidder(request, decision, entry_id)
    if autosave:
        return _told(request, bidder, outcomes)
    saved = sum(outcome.saved for outcome in outcomes.values())
    if saved:
        text = ngettext("%(count)d motivation saved.", "%(count)d motivations saved.", saved)
        messages.success(request, text % {"count": saved})
    if all(outcome.saved for outcome in outcomes.values()):
        if "next" in request.POST:
            return redirect(_next_address(pk, entry_id))
        return redirect("procurement:motivation", pk=pk, entry_id=entry_id)
    return _page(request, decision, source, bidder, _forms_again(request, bidder, outcomes))


def _decision(request: UserRequest, pk: int) -> Decision:
    return get_object_or_404(visible_decisions(request.user), pk=pk)


def _bidder(request: UserRequest, decision: Decision, entry_id: int) -> tuple[LetterSource, Bidder]:
    source = letter_source(decision=decision)
    found = bidders_of(source, by=request.user, only={entry_id})
    if not found:
        raise Http404
    return source, found[0]


def _typed(request: UserRequest, bidder: Bidder, *, autosave: bool) -> list[Typed]:
    """What the page sent. Why something may stand is saved by a button only: half a sentence is no reason."""
    typed = []
    for reason in bidder.reasons:
        name = f"m{reason.slug}"
        if f"{name}-text" in request.POST:
            accepted = "" if autosave else request.POST.get(f"{name}-accepted", "")
            shown = request.POST.get(f"seen-{reason.slug}") or None
            typed.append(Typed(reason.key, tidy(request.POST[f"{name}-text"]), accepted, shown))
    return typed


def _told(request: UserRequest, bidder: Bidder, outcomes: dict[ReasonKey, Outcome]) -> JsonResponse:
    """What became of it, for the script. Of what was refused the page keeps the version that it knows."""
    marks, errors, found = {}, {}, {}
    for reason in bidder.reasons:
        outcome = outcomes.get(reason.key)
        if outcome is not None and outcome.saved:
            marks[reason.slug] = outcome.version
        elif outcome is not None:
            errors[f"id_m{reason.slug}-{outcome.field or 'text'}"] = [outcome.message]
        html = render_to_string("procurement/motivation/_findings.html", {"reason": reason}, request=request)
        found[reason.slug] = {"html": html}
    return JsonResponse({"marks": marks, "errors": errors, "conflicts": found})


def _forms_again(request: UserRequest, bidder: Bidder, outcomes: dict[ReasonKey, Outcome]) -> list[ReasonForm]:
    """The forms as they were typed, with what is wrong beside its field."""
    forms = []
    for reason in bidder.reasons:
        outcome = outcomes.get(reason.key)
        if outcome is None or outcome.saved:
            forms.append(ReasonForm(reason=reason))
            continue
        form = ReasonForm(request.POST, reason=reason)
        form.full_clean()
        form.add_error(outcome.field if outcome.field in form.fields else None, outcome.message)
        forms.append(form)
    return forms


def _page(
    request: UserRequest, decision: Decision, source: LetterSource, bidder: Bidder, forms: list[ReasonForm]
) -> HttpResponse:
    content = letter_content(source, bidder.entry_id, on=database_today())
    open_ = may_edit(decision)
    works = open_ and is_lead(request.user, decision.segment_round.round.tender)
    context = _common(decision) | {
        "bidder": bidder,
        "forms": forms,
        "writable": works,
        "closed": "" if open_ else closed_words(decision),
        "next_url": _next_address(decision.pk, bidder.entry_id),
        "body": render_body(content, headings=("h3", "h4", "h5")),
    }
    return render(request, "procurement/motivation/bidder.html", context, status=http_status(forms))


def _common(decision: Decision) -> dict[str, Any]:
    return {
        "decision": decision,
        "number": decision_number(decision),
        "segment_round": decision.segment_round,
        "tender": decision.segment_round.round.tender,
    }


def _next_address(pk: int, entry_id: int) -> str:
    return f"{reverse('procurement:motivation_next', args=[pk])}?{urlencode({'na': entry_id})}"


def _tabs(decision: Decision, shown: str, counts: Any) -> list[dict[str, Any]]:
    address = reverse("procurement:motivation_list", args=[decision.pk])
    tabs = [
        ("", _("All"), counts.total),
        ("gat", _("Incomplete"), counts.gap),
        ("bekijken", _("To look at"), counts.look),
        ("compleet", _("Complete"), counts.complete),
    ]
    return [
        {"label": label, "url": f"{address}?stand={key}" if key else address, "current": key == shown, "count": count}
        for key, label, count in tabs
    ]
