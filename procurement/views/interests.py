"""Where an evaluator, chair or observer declares about the bidders, before any bid can be seen."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import RuleViolation
from achterhoek.nlds.forms import NldsForm
from procurement.enums import SeatRole
from procurement.forms.committee import AskCorrectionForm, DecideCorrectionForm, InterestsForm, PartiesForm
from procurement.models import CommitteeMember
from procurement.rules import is_lead
from procurement.selectors.committee import PartyLine, declared_interests, found_ties, own_interests, party_lines
from procurement.selectors.evaluation import managed_segment_rounds, seats_of
from procurement.services.corrections import ask_correction, decide_correction
from procurement.services.interests import RUNNING, Interests, declare_interests


@allow(Role.EVALUATOR)
def interests(request: UserRequest, pk: int) -> HttpResponse:
    """First which parties, or none of them in one go; then, for those that were ticked, what ties and how."""
    seat = get_object_or_404(seats_of(request.user), segment_round=pk)
    lines = party_lines(seat)
    if request.method != "POST":
        return _page(request, seat, lines, PartiesForm(lines=lines))
    chosen = PartiesForm(request.POST, lines=lines)
    if not chosen.is_valid():
        return _page(request, seat, lines, chosen)
    numbers = chosen.cleaned_data["parties"]
    if not numbers:
        return _declare(request, seat, lines, chosen, {})
    ticked = [line for line in lines if line.kvk_number in numbers]
    if "declare" not in request.POST:
        return _page(request, seat, ticked, InterestsForm(lines=ticked), step=2)
    form = InterestsForm(request.POST, lines=ticked)
    if not form.is_valid():
        return _page(request, seat, ticked, form, step=2)
    return _declare(request, seat, ticked, form, form.interests())


@allow(Role.EVALUATOR)
def interest_ask(request: UserRequest, pk: int, declaration: int) -> HttpResponse:
    """Say that an interest was declared by mistake; the lead decides."""
    seat = get_object_or_404(seats_of(request.user), segment_round=pk)
    found = next((held for held in own_interests(seat) if held.pk == declaration), None)
    if found is None:
        raise Http404
    form = AskCorrectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ask_correction(declaration=found, reason=form.cleaned_data["reason"], by=request.user)
        except RuleViolation as error:
            form.refuse(error)
        else:
            messages.success(request, _("The procurement lead reads it and decides. Until then nothing changes."))
            return redirect("procurement:interests", pk=pk)
    context = {"segment_round": seat.segment_round, "declaration": found, "form": form}
    return render(request, "procurement/committee/mistake.html", context, status=form.http_status)


@allow(Role.LEAD, read=(Role.AUDITOR,))
def interest_decide(request: UserRequest, pk: int, declaration: int) -> HttpResponse:
    """An interest that was declared, what was said about it since, and where the lead decides."""
    segment_round = get_object_or_404(managed_segment_rounds(request.user), pk=pk)
    found = get_object_or_404(declared_interests(segment_round), pk=declaration)
    asked = any(each.decided_at is None for each in found.corrections.all())
    holds = found.superseded_at is None and found.seat.ended_at is None and segment_round.status in RUNNING
    may = holds and found.seat.user_id != request.user.pk and is_lead(request.user, segment_round.round.tender)
    form = DecideCorrectionForm(request.POST or None, asked=asked) if may else None
    if form is not None and request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            decide_correction(declaration=found, agreed=data["agreed"], note=data["note"], by=request.user)
        except RuleViolation as error:
            form.refuse(error)
        else:
            messages.success(request, _("The decision is recorded."))
            return redirect("procurement:interest_decide", pk=pk, declaration=declaration)
    context = {
        "heading": _("Declared interest"),
        "segment_round": segment_round,
        "declaration": found,
        "form": form,
    }
    status = form.http_status if form is not None else 200
    return render(request, "procurement/committee/correction.html", context, status=status)


def _declare(
    request: UserRequest, seat: CommitteeMember, lines: list[PartyLine], form: NldsForm, declared: Interests
) -> HttpResponse:
    try:
        declare_interests(segment_round=seat.segment_round, interests=declared, by=request.user)
    except RuleViolation as error:
        form.refuse(error)
        return _page(request, seat, lines, form, step=2 if declared else 1)
    if declared:
        messages.success(request, _("Thank you. The bids of these parties are taken away from you."))
    else:
        messages.success(request, _("Thank you. Your declaration is recorded."))
    home = seat.role != SeatRole.MEMBER
    return redirect("procurement:evaluator_home") if home else redirect("procurement:evaluate", seat.segment_round_id)


def _page(
    request: UserRequest, seat: CommitteeMember, lines: list[PartyLine], form: NldsForm, *, step: int = 1
) -> HttpResponse:
    context = {
        "seat": seat,
        "segment_round": seat.segment_round,
        "lines": lines,
        "asked": [line for line in lines if line.asked],
        "form": form,
        "step": step,
        "ties": found_ties(seat.segment_round, [request.user]),
        "own": own_interests(seat),
        "declared": seat.declarations.exists(),
        "ticked": set(form["parties"].value() or ()) if step == 1 else set(),
    }
    return render(request, "procurement/committee/interests.html", context, status=form.http_status)
