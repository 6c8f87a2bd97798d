"""The room of the mandate holder: what waits for a signature, the whole of it, and signing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import RuleViolation
from procurement.enums import Stage
from procurement.forms.decisions import SignForm
from procurement.models import Decision
from procurement.selectors.coverage import beside
from procurement.selectors.decisions import college_lines, ranked_lines
from procurement.selectors.letter_gaps import letter_gaps
from procurement.selectors.letters import decision_number, letter_source
from procurement.selectors.signing import (
    mandate_of_last_time,
    may_sign,
    on_newest_ranking,
    readable_decisions,
    signing_room,
)
from procurement.services.decisions import sign_decision


@allow(Role.MANDATE, read=(Role.LEAD, Role.AUDITOR))
def home(request: UserRequest) -> HttpResponse:
    """What waits for my signature, what comes, and what I signed before."""
    return render(request, "procurement/signing/home.html", {"room": signing_room(request.user)})


@allow(Role.MANDATE, read=(Role.LEAD, Role.AUDITOR))
def detail(request: UserRequest, pk: int) -> HttpResponse:
    """One decision with all that it rests on, and the form with which it is signed."""
    decision = get_object_or_404(readable_decisions(request.user), pk=pk)
    form = SignForm(initial={"mandate": mandate_of_last_time(request.user)})
    if request.method == "POST":
        form = SignForm(request.POST)
        if form.is_valid():
            try:
                sign_decision(decision=decision, mandate=form.cleaned_data["mandate"], by=request.user)
            except RuleViolation as violation:
                form.refuse(violation)
            else:
                messages.success(request, _("You signed the decision. The lead can now have the letters made."))
                return redirect("procurement:signing", pk=pk)
    context = {**_page(request, decision), "form": form}
    return render(request, "procurement/signing/detail.html", context, status=form.http_status)


def _page(request: UserRequest, decision: Decision) -> dict[str, Any]:
    award = decision.segment_round.round.stage == Stage.AWARD
    newest = on_newest_ranking(decision)
    lines = ranked_lines(decision.ranking)
    signable = may_sign(request.user, decision)
    return {
        "decision": decision,
        "number": decision_number(decision),
        "segment_round": decision.segment_round,
        "tender": decision.segment_round.round.tender,
        "award": award,
        "lines": lines,
        "chosen": [line for line in lines if line.chosen],
        "beside": beside(decision.segment_round) if award else None,
        "colleges": college_lines(decision) if award else [],
        "gaps": letter_gaps(letter_source(decision=decision), by=request.user) if signable and newest else [],
        "newer_ranking": not newest,
        "may_sign": signable and newest,
        "proposed_it": decision.proposed_by_id == request.user.pk,
    }
