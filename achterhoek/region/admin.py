"""Regions in the admin, to look only: they are loaded from data files."""

from django.contrib import admin

from achterhoek.accounts.admin_site import RoleModelAdmin
from achterhoek.region.models import Municipality, Region


@admin.register(Region)
class RegionAdmin(RoleModelAdmin):
    list_display = ("name", "authority", "is_default")
    list_select_related = ("authority",)


@admin.register(Municipality)
class MunicipalityAdmin(RoleModelAdmin):
    list_display = ("name", "region")
    list_select_related = ("region",)
    list_filter = ("region",)
