"""The procurement lead's contracts: the list, and those made from final awards."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.accounts.roles import has_role
from achterhoek.errors import RuleViolation
from contracts.domain.terms import is_long
from contracts.forms.agree import MakeForm
from contracts.selectors import contracts as selectors
from contracts.selectors.letters import failed_letters, visible_letters
from contracts.services.contracts import make_contracts
from contracts.services.letters import retry_letter

PAGE_SIZE = 25


@require_safe
@allow(Role.LEAD, Role.CLM, read=(Role.AUDITOR,))
def lead_contracts(request: UserRequest) -> HttpResponse:
    """All contracts of the regions of this user, and the final awards that have none yet."""
    page = Paginator(selectors.contract_list(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [(contract, selectors.runs_until(contract)) for contract in page],
        "decisions": selectors.decisions_to_contract(request.user),
        "failed": failed_letters(request.user),
        "may_make": has_role(request.user, Role.LEAD),
        "may_sign": has_role(request.user, Role.LEAD, Role.CLM),
    }
    return render(request, "contracts/contract/lead_list.html", context)


@allow(Role.LEAD)
def contracts_make(request: UserRequest, pk: int) -> HttpResponse:
    """Make the contracts of one final award decision, with the motivation of a long run."""
    decision = get_object_or_404(selectors.decisions_for(request.user), pk=pk)
    tender = decision.segment_round.segment.tender
    form = MakeForm(request.POST or None, long=is_long(tender.term_pattern), reason=tender.framework_motivation)
    if request.method == "POST" and form.is_valid():
        try:
            made = make_contracts(
                decision=decision, by=request.user, long_term_reason=form.cleaned_data.get("long_term_reason")
            )
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            _tell_made(request, len(made))
            return redirect("contracts:lead_contracts")
    context = {"form": form, "decision": decision, "tender": tender, "waiting": selectors.awards_to_contract(decision)}
    return render(request, "contracts/agree/make.html", context, status=form.http_status)


def _tell_made(request: UserRequest, count: int) -> None:
    if count:
        text = ngettext("%(count)d contract was made.", "%(count)d contracts were made.", count)
        messages.success(request, text % {"count": count})
    else:
        messages.info(request, _("The contracts of this decision existed already."))


@require_POST
@allow(Role.LEAD, Role.CLM)
def letter_retry(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """Try a letter about a contract again that could not be made."""
    letter = get_object_or_404(visible_letters(request.user), pk=pk)
    try:
        retry_letter(letter=letter, by=request.user)
    except RuleViolation as error:
        messages.error(request, error.message)
    else:
        text = _("The letter about contract %(number)s is tried again. Look here again in a minute.")
        messages.success(request, text % {"number": letter.contract.number})
    return redirect("contracts:lead_contracts")
