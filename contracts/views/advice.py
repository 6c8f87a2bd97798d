"""The college secretary reads what Team CLM asks of its municipality, and gives its advice."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.accounts.roles import municipality_ids_of
from achterhoek.errors import RuleViolation
from contracts.enums import OPEN_CHANGES
from contracts.forms.advice import GiveAdviceForm
from contracts.selectors import changes as selectors
from contracts.selectors.change_checks import losses_here
from contracts.services.change_talk import give_advice


@require_safe
@allow(Role.COLLEGE, read=(Role.AUDITOR,))
def advices(request: UserRequest) -> HttpResponse:
    """What is asked of the municipalities of this secretary, and what they advised."""
    waiting, done = selectors.advice_list(request.user)
    return render(request, "contracts/advice/list.html", {"waiting": waiting, "done": done})


@allow(Role.COLLEGE, read=(Role.AUDITOR,))
def advice(request: UserRequest, pk: int) -> HttpResponse:
    """One request, what it does to the care in the municipality, and the advice on it."""
    found = get_object_or_404(selectors.advices_for(request.user), pk=pk)
    open_ = not found.outcome and found.change.status in OPEN_CHANGES
    may_advise = open_ and found.municipality_id in municipality_ids_of(request.user)
    form = GiveAdviceForm(request.POST or None) if may_advise else None
    if request.method == "POST":
        if form is None:
            messages.error(request, _("This advice was given already, or is no longer needed."))
            return redirect("contracts:advice", pk)
        if form.is_valid():
            try:
                give_advice(
                    advice=found, outcome=form.cleaned_data["outcome"], text=form.cleaned_data["text"], by=request.user
                )
            except RuleViolation as error:
                form.refuse(error)
            else:
                messages.success(request, _("Your advice is sent to Team CLM."))
                return redirect("contracts:advice", pk)
    change = found.change
    context = {
        "advice": found,
        "change": change,
        "contract": change.contract,
        "losses": losses_here(change, found.municipality.name) if open_ else (),
        "open": open_,
        "form": form,
    }
    return render(request, "contracts/advice/detail.html", context, status=form.http_status if form else 200)
