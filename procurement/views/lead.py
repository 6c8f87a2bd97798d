"""The procurement lead's own pages; the auditor may look."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.accounts.roles import has_role
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from achterhoek.panels import panels_for
from procurement.domain.progress import Step
from procurement.enums import Stage
from procurement.forms.tenders import AwardDeadlineForm, DeadlineForm
from procurement.models import Tender
from procurement.selectors.final_award import notices_to_publish
from procurement.selectors.lead import LeadPage, history_of, lead_lines, lead_page
from procurement.selectors.publication import earliest_deadline, publication_problems, relative_price_warning
from procurement.services.rounds import open_award_round
from procurement.services.tenders import PublicationRefused, complete_tender, publish_tender


@allow(Role.LEAD, read=(Role.AUDITOR,))
def lead_home(request: UserRequest) -> HttpResponse:
    """My tenders, each with its step and what can be done now."""
    context = {
        "lines": lead_lines(request.user),
        "history": history_of(request.user),
        "notices": notices_to_publish(request.user, database_today()),
    }
    return render(request, "procurement/lead/home.html", context)


@allow(Role.LEAD, read=(Role.AUDITOR,))
def lead_tender(request: UserRequest, slug: str) -> HttpResponse:
    """One tender through its whole course."""
    return _page(request, _found(request, slug))


@allow(Role.LEAD)
@require_POST
def tender_publish(request: UserRequest, slug: str) -> HttpResponse:
    """Publish the tender with the deadline of the form; what stands in the way is shown all at once."""
    page = _found(request, slug)
    form = DeadlineForm(request.POST, earliest=earliest_deadline(Stage.SELECTION, database_today()))
    if form.is_valid():
        try:
            publish_tender(tender=page.line.tender, deadline=form.cleaned_data["deadline"], by=request.user)
        except PublicationRefused as refused:
            for problem in refused.problems:
                form.add_error(problem.field, problem.message)
        except RuleViolation as broken:
            form.refuse(broken)
        else:
            messages.success(request, _("The tender is published. Requests can come in from now on."))
            return redirect("procurement:lead_tender", slug=slug)
    return _page(request, page, form)


@allow(Role.LEAD)
@require_POST
def award_round_open(request: UserRequest, slug: str) -> HttpResponse:
    """Open the award stage and invite the selected candidates."""
    page = _found(request, slug)
    form = AwardDeadlineForm(request.POST, earliest=earliest_deadline(Stage.AWARD, database_today()))
    if form.is_valid():
        try:
            open_award_round(tender=page.line.tender, deadline=form.cleaned_data["deadline"], by=request.user)
        except RuleViolation as broken:
            form.refuse(broken)
        else:
            messages.success(request, _("The award stage is open. The selected candidates get an e-mail."))
            return redirect("procurement:lead_tender", slug=slug)
    return _page(request, page, form)


@allow(Role.LEAD)
@require_POST
def tender_complete(request: UserRequest, slug: str) -> HttpResponse:
    """Complete a tender whose award decisions are all final."""
    page = _found(request, slug)
    try:
        complete_tender(tender=page.line.tender, by=request.user)
    except RuleViolation as broken:
        messages.error(request, broken.message)
    else:
        messages.success(request, _("The tender is completed."))
    return redirect("procurement:lead_tender", slug=slug)


def _found(request: UserRequest, slug: str) -> LeadPage:
    page = lead_page(request.user, slug)
    if page is None:
        raise Http404
    return page


def _page(request: UserRequest, page: LeadPage, form: DeadlineForm | None = None) -> HttpResponse:
    tender = page.line.tender
    request.panel_object = tender  # type: ignore[attr-defined]
    context = {
        "page": page,
        "tender": tender,
        "may_act": has_role(request.user, Role.LEAD),
        "panels": panels_for("lead_tender", request),
        **_what_now(request, page, tender, form),
    }
    status = form.http_status if form is not None else 200
    return render(request, "procurement/lead/tender.html", context, status=status)


def _what_now(request: UserRequest, page: LeadPage, tender: Tender, form: DeadlineForm | None) -> dict[str, object]:
    """The form of the step at which the tender stands, and what it still lacks."""
    if not has_role(request.user, Role.LEAD):
        return {}
    slug = tender.slug
    if page.line.step == Step.PREPARE:
        earliest = earliest_deadline(Stage.SELECTION, database_today())
        form = form or DeadlineForm(earliest=earliest)
        return {
            "form": _to(form, reverse("procurement:tender_publish", args=[slug])),
            "problems": [] if form.is_bound else publication_problems(tender),
            "price_warning": relative_price_warning(tender),
        }
    if page.line.step == Step.INVITE:
        earliest = earliest_deadline(Stage.AWARD, database_today())
        form = form or AwardDeadlineForm(earliest=earliest)
        return {"form": _to(form, reverse("procurement:award_round_open", args=[slug]))}
    if page.line.step == Step.CONTRACTS:
        return {"complete_url": reverse("procurement:tender_complete", args=[slug])}
    # A form that came too late (somebody else was first) still tells why it was refused.
    return {"form": form} if form is not None else {}


def _to(form: DeadlineForm, address: str) -> DeadlineForm:
    form.form_action = address  # type: ignore[misc]
    return form
