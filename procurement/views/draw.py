"""The drawing of lots of a segment: promised, held, and shown so that anybody can replay it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import RuleViolation
from procurement.forms.draw import PhysicalDrawForm
from procurement.models import SegmentRound
from procurement.rules import is_lead
from procurement.selectors.draw import DrawPage, draw_page
from procurement.selectors.evaluation import managed_segment_rounds
from procurement.services.draw import enter_physical_draw, reveal_seed
from procurement.services.draw_promise import promise_seed

# In the address: draw by hand, though a seed was promised.
BY_HAND = "met-de-hand"


@allow(Role.LEAD, read=(Role.AUDITOR,))
def draw(request: UserRequest, pk: int) -> HttpResponse:
    """How lots are drawn here, what was promised, and what came out; the lead enters a draw by hand here."""
    found = get_object_or_404(managed_segment_rounds(request.user), pk=pk)
    page = draw_page(found)
    form = _form(request, found, page)
    if form is not None and form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            enter_physical_draw(
                segment_round=found,
                order=form.order(),
                account=given["account"],
                held_at=given["held_at"],
                upload=given["upload"],
                instead_reason=given.get("instead_reason", ""),
                by=request.user,
            )
        except RuleViolation as broken:
            form.refuse(broken)
        else:
            messages.success(request, _("The draw is entered. The ranking has its order now."))
            return redirect("procurement:draw", pk=pk)
    if request.method == "POST" and form is None:
        messages.error(request, _("There is nothing to draw by hand now."))
        return redirect("procurement:draw", pk=pk)
    context = {
        "segment_round": found,
        "page": page,
        "form": form,
        "by_hand": BY_HAND,
        "may_write": is_lead(request.user, found.round.tender),
    }
    return render(request, "procurement/draw/detail.html", context, status=form.http_status if form else 200)


@allow(Role.LEAD)
@require_POST
def draw_promise(request: UserRequest, pk: int) -> HttpResponse:
    """Make a seed, and publish its sha256."""
    return _done(request, pk, promise_seed, _("The seed is made and sealed. Its digest is public now."))


@allow(Role.LEAD)
@require_POST
def draw_reveal(request: UserRequest, pk: int) -> HttpResponse:
    """Show the seed; where bids are equal the ranking is made anew with it."""
    return _done(request, pk, reveal_seed, _("The seed is shown. Everybody can replay the draw now."))


def _done(request: UserRequest, pk: int, act: Callable[..., Any], text: str) -> HttpResponse:
    found = get_object_or_404(managed_segment_rounds(request.user), pk=pk)
    try:
        act(segment_round=found, by=request.user)
    except RuleViolation as broken:
        messages.error(request, broken.message)
    else:
        messages.success(request, text)
    return redirect("procurement:draw", pk=pk)


def _form(request: UserRequest, found: SegmentRound, page: DrawPage) -> PhysicalDrawForm | None:
    """For the lead, where bids wait and no seed was promised; or where the lead asks for it instead of that seed."""
    by_hand = page.waiting and (not page.promised or request.method == "POST" or BY_HAND in request.GET)
    if not by_hand or not is_lead(request.user, found.round.tender):
        return None
    if request.method == "POST":
        return PhysicalDrawForm(request.POST, request.FILES, bids=page.waiting, promised=page.promised)
    return PhysicalDrawForm(bids=page.waiting, promised=page.promised)
