"""The notice of an award: until when it has to be published, and recording that it was."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from procurement.domain.standstill import notice_state
from procurement.forms.objections import NoticeForm
from procurement.rules import is_lead
from procurement.selectors.final_award import visible_notices
from procurement.selectors.letters import decision_number
from procurement.services.award_notices import record_publication


@allow(Role.LEAD, read=(Role.AUDITOR,))
def notice(request: UserRequest, pk: int) -> HttpResponse:
    """The notice of the award of one decision."""
    found = get_object_or_404(visible_notices(request.user), decision=pk)
    form = NoticeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            record_publication(
                notice=found, reference=data["reference"], published_at=data["published_at"], by=request.user
            )
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("The publication is recorded."))
            return redirect("procurement:award_notice", pk=pk)
    works_here = is_lead(request.user, found.decision.segment_round.round.tender)
    context = {
        "notice": found,
        "state": notice_state(found.due_on, database_today()),
        "decision": found.decision,
        "number": decision_number(found.decision),
        "tender": found.decision.segment_round.round.tender,
        "form": form if (works_here and found.published_at is None) or form.is_bound else None,
    }
    return render(request, "procurement/objection/notice.html", context, status=form.http_status)
