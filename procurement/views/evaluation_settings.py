"""The lead's page with the settings of an evaluation."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import RuleViolation
from procurement.forms.evaluation_settings import EvaluationSettingsForm
from procurement.rules import is_lead
from procurement.selectors.evaluation import BEFORE_CONSENSUS, managed_segment_rounds
from procurement.services.evaluation_settings import set_evaluation_settings


@allow(Role.LEAD, read=(Role.AUDITOR,))
def evaluation_settings(request: UserRequest, pk: int) -> HttpResponse:
    """How this segment is scored; the lead changes it, as far as that still can."""
    found = get_object_or_404(managed_segment_rounds(request.user), pk=pk)
    form = EvaluationSettingsForm(request.POST or None, segment_round=found)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            set_evaluation_settings(
                segment_round=found,
                scoring_order=data["scoring_order"],
                reason_min_length=data["reason_min_length"],
                evaluators_per_bid=data["evaluators_per_bid"],
                phrases=data["phrases"].splitlines(),
                by=request.user,
            )
        except RuleViolation as error:
            form.refuse(error)
        else:
            messages.success(request, _("The settings are saved."))
            return redirect("procurement:segment_round", pk=pk)
    context = {
        "segment_round": found,
        "form": form,
        "phrases": form.initial["phrases"].splitlines(),
        "may_change": is_lead(request.user, found.round.tender) and found.status in BEFORE_CONSENSUS,
    }
    return render(request, "procurement/segment_round/settings.html", context, status=form.http_status)
