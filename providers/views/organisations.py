"""Pages of a provider: the home, and its organisation."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from achterhoek.accounts.access import allow, authenticated
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import RuleViolation
from achterhoek.panels import panels_for
from providers.forms.organisation import MemberForm, OrganisationForm
from providers.rules import may_add_people, may_change_organisation
from providers.selectors.organisations import members_of, organisations_of, visible_organisations
from providers.services.organisations import add_member, register_organisation, update_organisation


@authenticated
def home(request: UserRequest) -> HttpResponse:
    """The provider's first page: its organisation, and the panels of what lies above (submissions, contracts)."""
    organisations = list(organisations_of(request.user))
    panels = panels_for("provider_home", request) if organisations else []
    return render(request, "providers/home/detail.html", {"organisations": organisations, "panels": panels})


@authenticated
def organisation_new(request: UserRequest) -> HttpResponse:
    """Register the organisation you work for."""
    form = OrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            register_organisation(data=form.data_typed(), by=request.user)
        except RuleViolation as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Your organisation is registered. You can now take part in tenders."))
            return redirect("providers:home")
    return render(request, "providers/organisation/new.html", {"form": form}, status=form.http_status)


@allow(Role.PROVIDER, read=(Role.LEAD, Role.CLM, Role.AUDITOR, Role.ADMIN))
def organisation(request: UserRequest, pk: int) -> HttpResponse:
    """Details of an organisation, and its people."""
    found = get_object_or_404(visible_organisations(request.user), pk=pk)
    members = members_of(found)
    context = {
        "organisation": found,
        "members": members,
        "is_mine": any(member.user_id == request.user.pk for member in members),
        "may_change": may_change_organisation(request.user, found),
        "may_add_people": may_add_people(request.user, found),
    }
    return render(request, "providers/organisation/detail.html", context)


@allow(Role.PROVIDER)
def organisation_edit(request: UserRequest, pk: int) -> HttpResponse:
    """Change the details of your organisation."""
    found = get_object_or_404(visible_organisations(request.user), pk=pk)
    form = OrganisationForm(request.POST) if request.method == "POST" else OrganisationForm.of(found)
    if request.method == "POST" and form.is_valid():
        try:
            update_organisation(organisation=found, data=form.data_typed(), by=request.user)
        except RuleViolation as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("The details are saved."))
            return redirect("providers:organisation", pk=found.pk)
    context = {"form": form, "organisation": found}
    return render(request, "providers/organisation/edit.html", context, status=form.http_status)


@allow(Role.PROVIDER, Role.ADMIN)
def member_new(request: UserRequest, pk: int) -> HttpResponse:
    """Add a person to an organisation: a signatory to their own, the functional administrator to any."""
    found = get_object_or_404(visible_organisations(request.user), pk=pk)
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            add_member(organisation=found, by=request.user, **form.cleaned_data)
        except RuleViolation as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("This person can now work for your organisation here."))
            return redirect("providers:organisation", pk=found.pk)
    context = {"form": form, "organisation": found}
    return render(request, "providers/organisation/member_new.html", context, status=form.http_status)
