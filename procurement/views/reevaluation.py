"""Second thoughts: a scoring done again, with both results and what changed beside each other."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import RuleViolation
from achterhoek.nlds.forms import NldsForm
from procurement.enums import Method, SegmentRoundStatus
from procurement.forms.reevaluation import ExplainForm, ReevaluationForm
from procurement.models import Reevaluation, SegmentRound
from procurement.rules import is_lead
from procurement.selectors.evaluation import managed_segment_rounds
from procurement.selectors.ranking import decision_in_force
from procurement.selectors.reevaluation import all_criterion_codes, differences, new_ranking, reevaluations_of
from procurement.services.reevaluation import finish_reevaluation, start_reevaluation


@allow(Role.LEAD, read=(Role.AUDITOR,))
def reevaluation(request: UserRequest, pk: int) -> HttpResponse:
    """What was scored again and what came of it; the lead begins one here."""
    found = get_object_or_404(managed_segment_rounds(request.user), pk=pk)
    if request.method != "POST":
        return _page(request, found)
    form = ReevaluationForm(request.POST, segment_round=found)
    if form.is_valid():
        try:
            start_reevaluation(segment_round=found, by=request.user, **form.cleaned_data)
        except RuleViolation as error:
            form.refuse(error)
        else:
            messages.success(request, _("The re-evaluation has begun. The evaluators can score again."))
            return redirect("procurement:reevaluation", pk=pk)
    return _page(request, found, start=form)


@allow(Role.LEAD)
@require_POST
def reevaluation_finish(request: UserRequest, pk: int) -> HttpResponse:
    """End it, with what changed and why."""
    found = get_object_or_404(managed_segment_rounds(request.user), pk=pk)
    form = _explain_form(found, request.POST)
    if form.is_valid():
        try:
            finish_reevaluation(segment_round=found, by=request.user, **form.cleaned_data)
        except RuleViolation as error:
            form.refuse(error)
        else:
            messages.success(request, _("The re-evaluation has ended. Both results are kept."))
            return redirect("procurement:reevaluation", pk=pk)
    return _page(request, found, finish=form)


def _explain_form(segment_round: SegmentRound, data: Any = None) -> ExplainForm:
    return ExplainForm(data, action=reverse("procurement:reevaluation_finish", args=[segment_round.pk]))


def _page(
    request: UserRequest,
    segment_round: SegmentRound,
    *,
    start: NldsForm | None = None,
    finish: NldsForm | None = None,
) -> HttpResponse:
    codes = all_criterion_codes(segment_round)
    shown = [_shown(one, codes) for one in reevaluations_of(segment_round)]
    under_way = next((one for one in shown if one["reevaluation"].finished_at is None), None)
    may_write = is_lead(request.user, segment_round.round.tender)
    decision = decision_in_force(segment_round)
    may_begin = (
        may_write and under_way is None and decision is None and segment_round.status == SegmentRoundStatus.RANKED
    )
    may_end = may_write and under_way is not None and under_way["after"] is not None
    form = None
    if may_begin or start:
        form = start or ReevaluationForm(segment_round=segment_round)
    elif may_end or finish:
        form = finish or _explain_form(segment_round)
    context = {
        "segment_round": segment_round,
        "shown": shown,
        "under_way": under_way,
        "decision": decision,
        "may_begin": may_begin,
        "may_end": may_end,
        "may_write": may_write,
        "form": form,
        "on_value": segment_round.method == Method.AWARD_ON_VALUE,
        "codes": codes,
    }
    status = form.http_status if form is not None else 200
    return render(request, "procurement/reevaluation/page.html", context, status=status)


def _shown(reevaluation: Reevaluation, codes: list[str]) -> dict[str, Any]:
    after = new_ranking(reevaluation)
    lines = differences(reevaluation.before, after, codes) if after else []
    return {
        "reevaluation": reevaluation,
        "criteria": list(reevaluation.criteria.all()),
        "after": after,
        "lines": lines,
        "moved": [line for line in lines if line.changed],
        "same": [line for line in lines if not line.changed],
    }
