"""The lead's pages about outages: extending a deadline, and the attempts that came too late."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from procurement.forms.outage import ExtendDeadlineForm
from procurement.selectors.outage import extendable_round, extensions_of_round, late_attempts
from procurement.selectors.vault import opened_round
from procurement.services.outage import extend_deadline


@allow(Role.LEAD)
def deadline_extend(request: UserRequest, slug: str, stage: str) -> HttpResponse:
    """Extend the deadline of a round after an outage. Tells nothing of who takes part."""
    found = extendable_round(request.user, slug, stage)
    if found is None:
        raise Http404
    form = ExtendDeadlineForm(request.POST if request.method == "POST" else None, round=found)
    if request.method == "POST" and form.is_valid():
        try:
            extend_deadline(round=found, by=request.user, **form.cleaned_data)
        except RuleViolation as broken:
            form.refuse(broken)
        else:
            messages.success(request, _("The deadline is extended. Everybody concerned gets an e-mail."))
            return redirect("procurement:lead_tender", slug=slug)
    context = {
        "form": form,
        "round": found,
        "tender": found.tender,
        "extensions": extensions_of_round(found),
        "now": database_now(),
    }
    return render(request, "procurement/outage/extend.html", context, status=form.http_status)


@allow(Role.LEAD, read=(Role.AUDITOR,))
def late(request: UserRequest, pk: int) -> HttpResponse:
    """Who tried to hand in after the deadline; after the opening only."""
    found = opened_round(request.user, pk)
    if found is None:
        raise Http404
    context = {
        "round": found,
        "tender": found.tender,
        "attempts": late_attempts(found),
        "extensions": extensions_of_round(found),
    }
    return render(request, "procurement/outage/late.html", context)
