"""Where an evaluator, chair or observer declares about the bidders, before any bid can be seen."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import RuleViolation
from achterhoek.nlds.forms import NldsForm
from procurement.enums import SeatRole
from procurement.forms.committee import InterestsForm, PartiesForm
from procurement.models import CommitteeMember
from procurement.selectors.committee import PartyLine, found_ties, own_interests, party_lines
from procurement.selectors.evaluation import seats_of
from procurement.services.interests import Interests, declare_interests


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
