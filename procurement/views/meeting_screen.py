"""The screen of the meeting, for the projector: one bid on one criterion at a time."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from csp.decorators import csp_replace
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from procurement.forms.consensus import ConsensusForm
from procurement.models import Entry
from procurement.selectors.answers import answers_by_criterion
from procurement.selectors.consensus import criterion_scores
from procurement.selectors.evaluation import choices_for, readable_segment_entries
from procurement.selectors.meeting import Attendance, Item, agenda, consensus_history
from procurement.services.evaluation import record_consensus
from procurement.views.meetings import found_meeting
from procurement.views.saving import save_changed


@allow(Role.LEAD, Role.EVALUATOR, read=(Role.AUDITOR,))
@csp_replace({"frame-src": ["'self'"]})  # type: ignore[arg-type]
def meeting_screen(request: UserRequest, pk: int) -> HttpResponse:
    """Individual scores side by side, and the score given together; lead and chair record, the others read."""
    found = found_meeting(request, pk)
    if request.method == "POST" and not found.leads:
        raise PermissionDenied
    items = agenda(request.user, found.segment_round) if found.access.see_others else []
    item = _chosen(request, items)
    if item is None:
        return render(request, "procurement/consensus/screen.html", _context(found, items))
    entry = get_object_or_404(
        readable_segment_entries(request.user, found.segment_round).select_related("submission"), pk=item.entry_id
    )
    form = _form(request, found, entry, item)
    if request.method == "POST":
        saved = save_changed([form], lambda form: save_consensus(request, entry, form))
        if saved:
            messages.success(request, _("The consensus score is saved."))
        if not form.errors:
            return redirect(_address(pk, _following(items, item) if "next" in request.POST else item))
        form.given = criterion_scores(entry, found.segment_round, item.criterion).get(item.criterion.pk)
    by_criterion, _others = answers_by_criterion(request.user, entry, found.segment_round)
    context = _context(found, items) | {
        "item": item,
        "entry": entry,
        "form": form,
        "may_record": found.may_record and item.open,
        "answers": by_criterion.get(item.criterion.code, []),
        "history": consensus_history(entry.pk, item.criterion),
        **_around(found, items, item),
    }
    return render(request, "procurement/consensus/screen.html", context, status=form.http_status)


def save_consensus(request: UserRequest, entry: Entry, form: ConsensusForm) -> None:
    """Record one consensus score as its form says."""
    data = form.cleaned_data
    record_consensus(
        entry=entry,
        criterion=form.criterion,
        value=data["value"],
        reason=data["reason"],
        outside_reason=data["outside_reason"],
        shown=form.shown,
        by=request.user,
    )


def _context(found: Attendance, items: list[Item]) -> dict[str, Any]:
    return {
        "found": found,
        "segment_round": found.segment_round,
        "revealed": found.access.see_others,
        "total": len(items),
        "done": sum(item.done for item in items),
    }


def _chosen(request: UserRequest, items: list[Item]) -> Item | None:
    """What was asked for; of a bid or a criterion alone the first; otherwise the first that is open."""
    wanted = {name: request.GET.get(name, "") for name in ("inzending", "criterium")}
    if not any(wanted.values()):
        return next((item for item in items if not item.done), items[0] if items else None)
    fits = [
        item
        for item in items
        if wanted["inzending"] in ("", str(item.entry_id)) and wanted["criterium"] in ("", str(item.criterion.pk))
    ]
    if not fits and items:
        raise Http404
    return fits[0] if fits else None


def _form(request: UserRequest, found: Attendance, entry: Entry, item: Item) -> ConsensusForm:
    return ConsensusForm(
        request.POST if request.method == "POST" else None,
        criterion=item.criterion,
        choices=choices_for(item.criterion, found.segment_round),
        given=criterion_scores(entry, found.segment_round, item.criterion).get(item.criterion.pk),
    )


def _following(items: list[Item], item: Item) -> Item:
    """The next that is not done, from here on and then from the beginning; this one where all are."""
    place = items.index(item)
    rest = items[place + 1 :] + items[:place]
    return next((other for other in rest if not other.done), item)


def _around(found: Attendance, items: list[Item], item: Item) -> dict[str, Any]:
    """Where one can go from here: back, on, to another criterion of this bid, or to another bid."""
    place, pk = items.index(item), found.segment_round.pk
    previous = items[place - 1] if place else None
    following = items[place + 1] if place + 1 < len(items) else None
    return {
        "place": place + 1,
        "previous": previous and _address(pk, previous),
        "following": following and _address(pk, following),
        "of_bid": [(other, _address(pk, other)) for other in items if other.entry_id == item.entry_id],
        "of_criterion": [(other, _address(pk, other)) for other in items if other.criterion == item.criterion],
    }


def _address(pk: int, item: Item) -> str:
    query = urlencode({"inzending": item.entry_id, "criterium": item.criterion.pk})
    return f"{reverse('procurement:meeting_screen', args=[pk])}?{query}"
