"""The lead's pages of a committee: who sits in it, who takes over a seat, and who scores which bid."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import RuleViolation
from achterhoek.nlds.forms import NldsForm
from procurement.enums import EntryStatus, SeatRole, SegmentRoundStatus
from procurement.forms.committee import AttendantsForm, BidMembersForm, DivideForm, MembersForm, ReplaceForm
from procurement.models import CommitteeMember, Entry, SegmentRound
from procurement.rules import is_lead
from procurement.selectors.committee import (
    declared_interests,
    differences,
    divided_bids,
    found_ties,
    is_divided,
    seats,
)
from procurement.selectors.evaluation import (
    BEFORE_CONSENSUS,
    lead_access,
    managed_segment_rounds,
    readable_segment_entries,
)
from procurement.services import assignment as division
from procurement.services import committee as services
from procurement.views.saving import http_status

A_PAGE = 50


@allow(Role.LEAD, read=(Role.AUDITOR,))
def committee_page(request: UserRequest, pk: int) -> HttpResponse:
    """Who sits in the committee, what each declared, and who has not; and where it can be changed."""
    found = _segment_round(request, pk)
    if request.method != "POST":
        return _committee(request, found)
    form: Any
    if "attendants" in request.POST:
        form = AttendantsForm(request.POST, segment_round=found)
    else:
        form = MembersForm(request.POST, segment_round=found)
    if form.is_valid():
        data = form.cleaned_data
        try:
            if isinstance(form, MembersForm):
                services.set_committee(segment_round=found, users=data["users"], by=request.user)
            else:
                services.set_attendants(
                    segment_round=found, chair=data["chair"], observers=list(data["observers"]), by=request.user
                )
        except RuleViolation as error:
            form.refuse(error)
        else:
            messages.success(request, _("The committee is saved."))
            return redirect("procurement:committee_page", pk=pk)
    return _committee(request, found, refused=form)


def _committee(request: UserRequest, found: SegmentRound, refused: NldsForm | None = None) -> HttpResponse:
    rows = list(seats(found))
    current = [seat for seat in rows if seat.ended_at is None]
    members = [seat for seat in current if seat.role == SeatRole.MEMBER]
    opened = found.status != SegmentRoundStatus.PENDING
    context: dict[str, Any] = {
        "heading": _("Committee"),
        "is_first": True,
        "segment_round": found,
        "current": current,
        "ended": [seat for seat in rows if seat.ended_at is not None],
        "members": members,
        "announced": found.round.tender.evaluators_announced,
        "opened": opened,
        "bids": readable_segment_entries(request.user, found).count() if opened else 0,
        "interests": declared_interests(found) if opened else (),
        "ties": found_ties(found, [seat.user for seat in current]),
        "may_replace": is_lead(request.user, found.round.tender) and found.status in services.REPLACING,
        "refused": refused,
    }
    if is_lead(request.user, found.round.tender):
        if found.status in BEFORE_CONSENSUS:
            users = [seat.user_id for seat in members]
            context["members_form"] = MembersForm(segment_round=found, initial={"users": users})
        if found.status in services.WORKING:
            chair = next((seat.user_id for seat in current if seat.role == SeatRole.CHAIR), None)
            observers = [seat.user_id for seat in current if seat.role == SeatRole.OBSERVER]
            initial = {"attendants": "1", "chair": chair, "observers": observers}
            context["attendants_form"] = AttendantsForm(segment_round=found, initial=initial)
    if refused is not None:
        context["members_form" if isinstance(refused, MembersForm) else "attendants_form"] = refused
    status = http_status([refused] if refused is not None else [])
    return render(request, "procurement/committee/detail.html", context, status=status)


@allow(Role.LEAD, read=(Role.AUDITOR,))
def committee_replace(request: UserRequest, pk: int, seat: int) -> HttpResponse:
    """Let somebody take over a seat; afterwards the same page shows what it changed."""
    found = _segment_round(request, pk)
    held = get_object_or_404(seats(found), pk=seat)
    may = is_lead(request.user, found.round.tender) and held.ended_at is None and found.status in services.REPLACING
    form = ReplaceForm(request.POST or None, seat=held) if may else None
    if form is not None and request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.replace_member(seat=held, user=data["user"], reason=data["reason"], by=request.user)
        except RuleViolation as error:
            form.refuse(error)
        else:
            messages.success(request, _("The member is replaced. The new member declares interests first."))
            return redirect("procurement:committee_replace", pk=pk, seat=seat)
    joined: CommitteeMember | None = getattr(held, "replaced_by", None)
    revealed = lead_access(request.user, found).see_others
    context = {
        "heading": _("Replace a member"),
        "segment_round": found,
        "seat": held,
        "joined": joined,
        "form": form,
        "revealed": revealed,
        "differences": differences(held, joined) if joined and revealed else [],
    }
    return render(
        request,
        "procurement/committee/replace.html",
        context,
        status=form.http_status if form and form.is_bound else 200,
    )


@allow(Role.LEAD, read=(Role.AUDITOR,))
def assignment(request: UserRequest, pk: int) -> HttpResponse:
    """Who scores which bid: divided from a seed, or one bid by hand (`?inzending=`)."""
    found = _segment_round(request, pk)
    may = is_lead(request.user, found.round.tender) and found.status == SegmentRoundStatus.SCORING
    entries = readable_segment_entries(request.user, found).filter(status=EntryStatus.ADMITTED)
    chosen = request.GET.get("inzending", "")
    entry = get_object_or_404(entries, pk=chosen) if chosen.isdecimal() else None
    members = [seat for seat in seats(found) if seat.ended_at is None and seat.role == SeatRole.MEMBER]
    handed_in = any(seat.handed_in_at for seat in members)
    form: Any = None
    if may and entry is not None:
        form = _by_hand_form(request, found, entry)
    elif may and (not handed_in or request.method == "POST"):
        form = _divide_form(request, found)
    if may and request.method == "POST" and ("undo" in request.POST or form.is_valid()):
        try:
            _divide(request, found, entry, form)
        except RuleViolation as error:
            form.is_valid()
            form.refuse(error)
        else:
            messages.success(request, _("Who scores which bid is saved."))
            return redirect("procurement:assignment", pk=pk)
    divided = is_divided(found)
    page = Paginator(divided_bids(found, entries), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": _("Who scores which bid"),
        "segment_round": found,
        "entry": entry,
        "form": form,
        "may": may,
        "divided": divided,
        "page": page,
        "rows": page.object_list if divided else [],
        "members": members,
        "handed_in": handed_in,
        "opened": found.status != SegmentRoundStatus.PENDING,
    }
    status = form.http_status if form is not None and form.is_bound else 200
    return render(request, "procurement/committee/assignment.html", context, status=status)


def _divide_form(request: UserRequest, found: SegmentRound) -> DivideForm:
    if request.method == "POST":
        return DivideForm(request.POST)
    return DivideForm(initial={"per_bid": found.evaluators_per_bid, "seed": ""})


def _by_hand_form(request: UserRequest, found: SegmentRound, entry: Entry) -> BidMembersForm:
    data = request.POST if request.method == "POST" else None
    given = list(entry.assignments.values_list("seat", flat=True))
    return BidMembersForm(data, segment_round=found, entry=entry, initial={"seats": given})


def _divide(request: UserRequest, found: SegmentRound, entry: Entry | None, form: Any) -> None:
    if entry is not None:
        division.assign_by_hand(
            segment_round=found, entry=entry, seats=list(form.cleaned_data["seats"]), by=request.user
        )
    elif "undo" in request.POST:
        division.undivide(segment_round=found, by=request.user)
    else:
        data = form.cleaned_data
        division.divide(segment_round=found, per_bid=data["per_bid"], seed=data["seed"], by=request.user)


def _segment_round(request: UserRequest, pk: int) -> SegmentRound:
    return get_object_or_404(managed_segment_rounds(request.user), pk=pk)
