"""The money of a contract, and the files of payments of a region."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.accounts.roles import has_role
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from achterhoek.nlds.forms import NldsForm
from contracts.enums import PaymentKind
from contracts.forms.money import CorrectionForm, DivideForm, ExportForm, LumpsumYearForm
from contracts.models import Contract
from contracts.selectors import money as selectors
from contracts.services.lumpsums import correct_lumpsum, plan_instalments, set_lumpsums
from contracts.services.payment_exports import export_payments
from procurement.rules import works_for_region

READERS = (Role.LEAD, Role.AUDITOR)


def contract_or_404(request: UserRequest, pk: int) -> Contract:
    """The contract, for who may see its money."""
    contract = get_object_or_404(selectors.contracts_with_money(request.user), pk=pk)
    if not selectors.may_see_money(request.user, contract):
        raise Http404
    return contract


@allow(Role.CLM, read=(Role.PROVIDER, *READERS))
def money(request: UserRequest, pk: int) -> HttpResponse:
    """What the contract costs: how it is paid for, the amounts of all years, and what was planned and corrected."""
    contract = contract_or_404(request, pk)
    rows = selectors.lumpsum_rows(contract)
    places = selectors.lumpsum_places(contract)
    today = database_today()
    years = selectors.by_year(rows, today)
    known = {one.year for one in years}
    context = {
        "contract": contract,
        "fundings": selectors.fundings_of(contract),
        "tariffs": selectors.tariffs_of(contract, today),
        "years": years,
        "other_years": sorted({year for place in places for year in place.years} - known),
        "may_work": works_for_region(request.user, contract.segment.tender, Role.CLM),
    }
    return render(request, "contracts/money/contract.html", context)


@allow(Role.CLM)
def money_year(request: UserRequest, pk: int, year: int) -> HttpResponse:
    """Set the amounts of one year, and divide them into instalments."""
    contract = contract_or_404(request, pk)
    places = [place for place in selectors.lumpsum_places(contract) if year in place.years]
    if not places:
        raise Http404
    every = selectors.lumpsum_rows(contract)
    rows = [row for row in every if row.lumpsum.year == year]
    known = {row.lumpsum.municipality_id: row.lumpsum.amount for row in rows}
    dividing = request.method == "POST" and "deel-parts" in request.POST
    amounts = LumpsumYearForm(
        request.POST if request.method == "POST" and not dividing else None,
        places=places,
        year=year,
        known=known,
        proposals=selectors.proposals(places, every, year),
    )
    divide = DivideForm(request.POST if dividing else None)
    if dividing and divide.is_valid() and _divided(request, contract, year, divide):
        return redirect("contracts:money", pk)
    if request.method == "POST" and not dividing and amounts.is_valid() and _saved(request, contract, amounts):
        return redirect("contracts:money_year", pk, year)
    context = {
        "contract": contract,
        "year": year,
        "form": amounts,
        "divide": divide if any(not _is_divided(row) for row in rows) else None,
    }
    status = max(amounts.http_status, divide.http_status)
    return render(request, "contracts/money/year.html", context, status=status)


def _is_divided(row: selectors.LumpsumRow) -> bool:
    return any(payment.kind == PaymentKind.INSTALMENT for payment in row.payments)


def _saved(request: UserRequest, contract: Contract, form: LumpsumYearForm) -> bool:
    try:
        written = set_lumpsums(contract=contract, amounts=form.amounts, by=request.user)
    except RuleViolation as violation:
        form.refuse(violation)
        return False
    text = ngettext("%(count)d amount is saved.", "%(count)d amounts are saved.", written)
    messages.success(request, text % {"count": written})
    return True


def _divided(request: UserRequest, contract: Contract, year: int, form: DivideForm) -> bool:
    try:
        made = plan_instalments(contract=contract, year=year, parts=form.cleaned_data["parts"], by=request.user)
    except RuleViolation as violation:
        form.refuse(violation)
        return False
    text = ngettext("%(count)d instalment is planned.", "%(count)d instalments are planned.", made)
    messages.success(request, text % {"count": made})
    return True


@allow(Role.CLM)
def money_correct(request: UserRequest, pk: int, lumpsum_id: int) -> HttpResponse:
    """Correct the amount of one municipality and year."""
    contract = contract_or_404(request, pk)
    row = next((one for one in selectors.lumpsum_rows(contract) if one.lumpsum.pk == lumpsum_id), None)
    if row is None:
        raise Http404
    form = CorrectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            correct_lumpsum(
                lumpsum=row.lumpsum, amount=data["amount"], due_on=data["due_on"], reason=data["reason"],
                by=request.user,
            )  # fmt: skip
        except RuleViolation as violation:
            form.refuse(violation)
        else:
            messages.success(request, _("The correction is recorded."))
            return redirect("contracts:money", pk)
    context = {"contract": contract, "row": row, "form": form}
    return render(request, "contracts/money/correct.html", context, status=form.http_status)


@allow(Role.CLM, read=READERS)
def payments(request: UserRequest) -> HttpResponse:
    """The files of payments, what a year costs, and a new file."""
    regions = selectors.regions_of_money(request.user)
    form = ExportForm(request.POST or None, regions=regions) if has_role(request.user, Role.CLM) else None
    if request.method == "POST" and form is not None and form.is_valid() and _exported(request, form):
        return redirect("contracts:payments")
    year = year_asked(request, database_today())
    costs = selectors.costs_of(regions, year)
    context = {
        "form": form,
        "exports": selectors.exports_of(regions),
        "year": year,
        "costs": costs,
        "by_segment": selectors.costs_by(costs, "segment"),
        "by_place": selectors.costs_by(costs, "municipality"),
        "total": sum((row["amount"] for row in costs), start=selectors.NOTHING),
        "other_years": [year - 1, year + 1],
    }
    return _page(request, "contracts/money/payments.html", context, form)


def year_asked(request: UserRequest, today: date) -> int:
    """The year in the address, or this one."""
    asked = request.GET.get("jaar", "")
    return int(asked) if asked.isdecimal() and len(asked) == 4 else today.year


def _exported(request: UserRequest, form: ExportForm) -> bool:
    data = form.cleaned_data
    try:
        made = export_payments(region=data["region"], until=data["until"], by=request.user)
    except RuleViolation as violation:
        form.refuse(violation)
        return False
    messages.success(request, _("File %(number)s is made.") % {"number": made.sequence})
    return True


def _page(request: UserRequest, template: str, context: dict[str, Any], form: NldsForm | None) -> HttpResponse:
    return render(request, template, context, status=form.http_status if form is not None else 200)
