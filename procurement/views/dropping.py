"""Where the lead records that a ranked bid dropped out, after seeing what that changes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import RuleViolation
from procurement.enums import Method, OnExclusion
from procurement.forms.dropping import DropForm
from procurement.selectors.dropping import bids_in, may_drop_from, without
from procurement.selectors.evaluation import readable_segment_entries
from procurement.selectors.ranking import visible_rankings
from procurement.services.dropping import drop_bid


@allow(Role.LEAD)
def ranking_drop(request: UserRequest, pk: int) -> HttpResponse:
    """First which bid and why; then what the ranking becomes, and only for that very bid the button that does it."""
    ranking = get_object_or_404(visible_rankings(request.user), pk=pk)
    segment_round = ranking.segment_round
    if not may_drop_from(ranking):
        messages.error(
            request, _("No bid can drop out of this ranking now: it is not the newest, or it is decided on.")
        )
        return redirect("procurement:ranking", pk=pk)
    form = DropForm(request.POST or None, bids=bids_in(ranking))
    chosen = form.cleaned_data["entry"] if form.is_bound and form.is_valid() else None
    if chosen and "drop" in request.POST and request.POST.get("shown") == str(chosen):
        entry = get_object_or_404(readable_segment_entries(request.user, segment_round), pk=chosen)
        try:
            made = drop_bid(
                segment_round=segment_round, entry=entry, reason=form.cleaned_data["reason"], by=request.user
            )
        except RuleViolation as error:
            form.refuse(error)
            chosen = None
        else:
            messages.success(request, _("The bid has dropped out. This is the ranking that follows."))
            return redirect("procurement:ranking", pk=made.pk)
    context = {
        "ranking": ranking,
        "segment_round": segment_round,
        "form": form,
        "chosen": chosen,
        "moved": without(ranking, chosen) if chosen else [],
        "in_euros": segment_round.method == Method.AWARD_ON_VALUE,
        "keeps": segment_round.on_exclusion == OnExclusion.KEEP_RANKING,
    }
    return render(request, "procurement/ranking/drop.html", context, status=form.http_status)
