"""The pages of the vault: what may be opened, confirming, and the opening record."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import RuleViolation
from procurement.enums import RoundStatus
from procurement.forms.vault import ConfirmOpeningForm
from procurement.models import Round
from procurement.selectors.vault import CONFIRMATION_VALID, fresh_confirmations, opening_of, vault_rounds
from procurement.services.vault import confirm_opening


@allow(Role.OPENER, read=(Role.LEAD, Role.AUDITOR))
def home(request: UserRequest) -> HttpResponse:
    """Rounds whose deadline has passed: to open, and opened."""
    rounds = list(vault_rounds(request.user))
    context = {
        "waiting": [found for found in rounds if found.status != RoundStatus.OPENED],
        "opened": [found for found in rounds if found.status == RoundStatus.OPENED],
    }
    return render(request, "procurement/vault/home.html", context)


def _record(request: UserRequest, found: Round) -> HttpResponse:
    opening = opening_of(found)
    lines = opening.submissions if opening else []
    context = {
        "round": found,
        "tender": found.tender,
        "opening": opening,
        "mismatches": [line["number"] for line in lines if not line["matches"]],
    }
    return render(request, "procurement/vault/record.html", context)


@allow(Role.OPENER, read=(Role.LEAD, Role.AUDITOR))
def detail(request: UserRequest, pk: int) -> HttpResponse:
    """One vault: confirm opening it, or read its opening record. Sealed, it tells nothing of what is inside."""
    found = vault_rounds(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    if found.status == RoundStatus.OPENED and request.method != "POST":
        return _record(request, found)
    form = ConfirmOpeningForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            opening = confirm_opening(round=found, by=request.user)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            if opening is None:
                messages.success(request, _("Your confirmation is recorded. Now another opener has to confirm."))
            else:
                messages.success(request, _("The vault is open. The opening record is below."))
            return redirect("procurement:vault_round", pk=pk)
    confirmations = list(fresh_confirmations(found))
    context = {
        "form": form,
        "round": found,
        "tender": found.tender,
        "confirmations": confirmations,
        "confirmed": any(c.opener_id == request.user.pk for c in confirmations),
        "ends_at": confirmations[0].at + CONFIRMATION_VALID if confirmations else None,
        "minutes": int(CONFIRMATION_VALID.total_seconds() // 60),
    }
    return render(request, "procurement/vault/detail.html", context, status=form.http_status)
