"""Custodian mode in the browser: choosing it, the papers, and typing them back. A share passes here twice and stays
nowhere: once in the one answer that prints it, once in the form that checks it.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.accounts.roles import has_role
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from procurement.enums import Custody
from procurement.forms.custody import CeremonyForm, ChooseCustodyForm, TypeBackForm
from procurement.models import Tender
from procurement.selectors.custody import Keeping, custody_tender, has_papers, keeping_of, keepings, may_choose
from procurement.services.custody import choose_custody, confirm_share, hold_ceremony
from procurement.services.papers_pdf import papers_pdf


@allow(Role.LEAD, read=(Role.AUDITOR,))
def home(request: UserRequest, slug: str) -> HttpResponse:
    """Who keeps the key: the choice with what it costs, and how far each stage is."""
    tender = _tender(request, slug)
    form = ChooseCustodyForm(request.POST if request.method == "POST" else None, tender=tender)
    if request.method == "POST" and form.is_valid():
        try:
            choose_custody(tender=tender, by=request.user, **form.cleaned_data)
        except RuleViolation as broken:
            form.refuse(broken)
        else:
            messages.success(request, _("Your choice is saved."))
            return redirect("procurement:custody", slug=slug)
    by_custodians = tender.custody == Custody.CUSTODIANS
    held = keepings(tender) if by_custodians else []
    may_act = has_role(request.user, Role.LEAD)
    context = {
        "tender": tender,
        "form": form if may_choose(tender) and may_act else None,
        "by_custodians": by_custodians,
        "keepings": held,
        "has_papers": has_papers(held),
        "may_act": may_act,
    }
    return render(request, "procurement/custody/home.html", context, status=form.http_status)


@allow(Role.LEAD)
@sensitive_variables()
def ceremony(request: UserRequest, slug: str, stage: str) -> HttpResponse:
    """Name the custodians; the answer is the papers, once, for the printer."""
    found = _keeping(request, slug, stage)
    form = CeremonyForm(
        request.POST if request.method == "POST" else None,
        total=found.round.tender.custodians_total,
        instead_of=str(found.key.pk) if found.key else "",
    )
    if request.method == "POST" and form.is_valid():
        try:
            papers = hold_ceremony(
                round=found.round,
                holders=form.holders,
                instead_of=form.cleaned_data["instead_of"],
                by=request.user,
            )
        except RuleViolation as broken:
            form.refuse(broken)
        else:
            response = HttpResponse(
                papers_pdf(found.round, papers, on=database_today()), content_type="application/pdf"
            )
            response["Content-Disposition"] = 'inline; filename="papieren.pdf"'
            response["Cache-Control"] = "private, no-store"
            return response
    context = {"tender": found.round.tender, "round": found.round, "found": found, "form": form}
    return render(request, "procurement/custody/ceremony.html", context, status=form.http_status)


@allow(Role.LEAD)
@sensitive_post_parameters()
@sensitive_variables()
def type_back(request: UserRequest, slug: str, stage: str) -> HttpResponse:
    """Type the words of a paper back, which proves that it can be read."""
    found = _keeping(request, slug, stage)
    form = TypeBackForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            share = confirm_share(round=found.round, words=form.cleaned_data["words"], by=request.user)
        except RuleViolation as broken:
            form.refuse(broken)
        else:
            text = _("Every word is right. This is the share of %(holder)s.")
            messages.success(request, text % {"holder": share.holder})
            return redirect("procurement:custody_type_back", slug=slug, stage=stage)
    context = {"tender": found.round.tender, "round": found.round, "found": found, "form": form}
    return render(request, "procurement/custody/type_back.html", context, status=form.http_status)


def _tender(request: UserRequest, slug: str) -> Tender:
    tender = custody_tender(request.user, slug)
    if tender is None:
        raise Http404
    return tender


def _keeping(request: UserRequest, slug: str, stage: str) -> Keeping:
    """The stage, while its key may still be made or its papers checked."""
    tender = _tender(request, slug)
    found = keeping_of(tender, stage) if tender.custody == Custody.CUSTODIANS else None
    if found is None or not found.may_change:
        raise Http404
    return found
