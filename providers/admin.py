"""Organisations in the admin, to look only: their own people change them."""

from django.contrib import admin
from django.urls import reverse

from achterhoek.accounts.admin_site import RoleModelAdmin
from achterhoek.accounts.enums import Role
from providers.models import Consortium, Organisation


@admin.register(Organisation)
class OrganisationAdmin(RoleModelAdmin):
    view_roles = (Role.CLM, Role.ADMIN, Role.AUDITOR)
    list_display = ("name", "legal_form", "kvk_number", "agb_code", "city")
    list_filter = ("legal_form",)
    search_fields = ("name", "kvk_number", "agb_code", "city")

    def view_on_site(self, obj: Organisation) -> str:
        """The page with its people, where the functional administrator adds one."""
        return reverse("providers:organisation", args=[obj.pk])


@admin.register(Consortium)
class ConsortiumAdmin(RoleModelAdmin):
    view_roles = (Role.CLM, Role.ADMIN, Role.AUDITOR)
    list_display = ("name", "lead")
    list_select_related = ("lead",)
    search_fields = ("name", "lead__name")
