"""Amendments as they are written: a new one, one of the members of a consortium, and a draft written anew."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import RuleViolation
from contracts.enums import AmendmentKind, AmendmentStatus
from contracts.forms.amendments import AmendmentForm
from contracts.forms.members import MembersForm
from contracts.models import Amendment, Contract
from contracts.selectors.amendments import amendments_of, meter_of
from contracts.selectors.contracts import contract_detail
from contracts.selectors.parties import last_parties
from contracts.services.amendments import change_amendment, draft_amendment, said_of


def _contract(request: UserRequest, pk: int) -> Contract:
    return get_object_or_404(contract_detail(request.user), pk=pk)


@allow(Role.CLM)
def amendment_new(request: UserRequest, pk: int) -> HttpResponse:
    """Write an amendment down."""
    contract = _contract(request, pk)
    return _written(request, contract, AmendmentForm(request.POST or None))


@allow(Role.CLM)
def amendment_members(request: UserRequest, pk: int) -> HttpResponse:
    """Write down who joins or leaves the consortium, and what share each has."""
    contract = _contract(request, pk)
    if contract.consortium_id is None:
        raise Http404
    return _written(request, contract, MembersForm(request.POST or None, parties=last_parties(contract)))


@allow(Role.CLM)
def amendment_edit(request: UserRequest, pk: int, sequence: int) -> HttpResponse:
    """Write a draft anew."""
    contract = _contract(request, pk)
    found = get_object_or_404(amendments_of(request.user, contract), sequence=sequence)
    if found.status != AmendmentStatus.DRAFT:
        messages.error(request, _("This amendment is no longer a draft. What is in force changes by a new amendment."))
        return redirect("contracts:amendment", pk, sequence)
    says = said_of(found)
    if found.kind == AmendmentKind.PARTIES:
        return _written(
            request, contract, MembersForm(request.POST or None, parties=last_parties(contract), draft=says), found
        )
    return _written(request, contract, AmendmentForm(request.POST or None, initial=AmendmentForm.filled(says)), found)


def _written(
    request: UserRequest, contract: Contract, form: AmendmentForm | MembersForm, draft: Amendment | None = None
) -> HttpResponse:
    """The page with the form; or, once it is written, that of the draft."""
    if request.method == "POST" and form.is_valid():
        try:
            if draft is None:
                made = draft_amendment(contract=contract, says=form.said(), by=request.user)
            else:
                made = change_amendment(amendment=draft, says=form.said(), by=request.user)
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("Amendment %(number)s is saved as a draft.") % {"number": made.sequence})
            return redirect("contracts:amendment", contract.pk, made.sequence)
    members = isinstance(form, MembersForm)
    heading = _("Change the consortium") if members else _("Write an amendment")
    if draft is not None:
        heading = _("Change amendment %(number)s") % {"number": draft.sequence}
    context = {
        "contract": contract, "form": form, "draft": draft, "members": members, "heading": heading,
        "meter": None if members else meter_of(contract),
    }  # fmt: skip
    return render(request, "contracts/amendment/write.html", context, status=form.http_status)
