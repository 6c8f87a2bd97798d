"""The pages of the vault: what may be opened, confirming, and the opening record."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.accounts.second_factor import Factor
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from procurement.enums import RoundStatus
from procurement.forms.vault import ConfirmOpeningForm
from procurement.models import Round, VaultConfirmation
from procurement.selectors.custody import needs_shares
from procurement.selectors.fingerprints import holds_up_opening
from procurement.selectors.opening_record import found_lines, price_records
from procurement.selectors.vault import (
    CONFIRMATION_VALID,
    all_confirmations,
    fresh_confirmations,
    opening_job,
    opening_of,
    vault_rounds,
)
from procurement.services.openers import record_wrong_factor
from procurement.services.vault import confirm_opening

# On a phone each submission is a card: so many still scroll.
PER_PAGE = 50


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
    """The opening record on the screen; who watched the progress bar is taken here."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Refresh": "true"})
    opening = opening_of(found)
    lines = found_lines(opening) if opening else []
    context = {
        "round": found,
        "tender": found.tender,
        "opening": opening,
        "page_obj": Paginator(lines, PER_PAGE).get_page(request.GET.get("page")),
        "mismatches": [line for line in lines if not line.matches],
        "price_records": price_records(found),
    }
    return render(request, "procurement/vault/record.html", context)


@allow(Role.OPENER, read=(Role.LEAD, Role.AUDITOR))
@sensitive_post_parameters()
@sensitive_variables()
def detail(request: UserRequest, pk: int) -> HttpResponse:
    """One vault: confirm opening it, or read its opening record. Sealed, it tells nothing of what is inside."""
    found = vault_rounds(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    if found.status == RoundStatus.OPENED and request.method != "POST":
        return _record(request, found)
    confirmations = list(fresh_confirmations(found))
    shares = _shares_asked(request, found, confirmations)
    data = request.POST if request.method == "POST" else None
    form = ConfirmOpeningForm(data, user=request.user, round=found, shares=shares)
    if request.method == "POST":
        if form.is_valid():
            try:
                opening = confirm_opening(round=found, by=request.user, shares=form.shares)
            except RuleViolation as violation:
                form.refuse(violation)
            else:
                messages.success(request, _told(opening is not None, opening is not None and opening.finished_at))
                return redirect("procurement:vault_round", pk=pk)
        elif form.wrong_factor:
            record_wrong_factor(round=found, by=request.user)
        confirmations = list(fresh_confirmations(found))
    return _closed(request, found, form, confirmations)


def _told(all_confirmed: bool, finished: object) -> str:
    if finished:
        return _("The vault is open. The opening record is below.")
    if all_confirmed:
        return _("All openers have confirmed. The portal now compares everything that is in the vault.")
    return _("Your confirmation is recorded. Now another opener has to confirm.")


def _shares_asked(request: UserRequest, found: Round, confirmations: list[VaultConfirmation]) -> int:
    """How many shares the form asks for: none, unless this is the last confirmation of a vault in custodian mode."""
    others = sum(confirmation.opener_id != request.user.pk for confirmation in confirmations)
    if others + 1 < found.tender.openers_required or not needs_shares(found):
        return 0
    return found.tender.custodians_needed


def _closed(
    request: UserRequest, found: Round, form: ConfirmOpeningForm, confirmations: list[VaultConfirmation]
) -> HttpResponse:
    opening = opening_of(found)
    if opening is not None:
        confirmations = list(all_confirmations(found))
    context: dict[str, Any] = {
        "form": form,
        "round": found,
        "tender": found.tender,
        "opening": opening,
        "job": opening_job(found) if opening else None,
        "custodians": list(found.custodian_shares.all()) if needs_shares(found) else [],
        "no_factor": form.factor == Factor.NONE,
        "confirmations": confirmations,
        "confirmed": any(c.opener_id == request.user.pk for c in confirmations),
        "ends_at": confirmations[0].at + CONFIRMATION_VALID if confirmations else None,
        "waits_until": None if opening else holds_up_opening(found, database_now()),
        "minutes": int(CONFIRMATION_VALID.total_seconds() // 60),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    response = render(request, "procurement/vault/detail.html", context, status=status)
    if opening is not None:
        # Without JavaScript the page loads itself anew; with it, the bar asks by itself.
        response["Refresh"] = "10"
    return response
