"""The admin site at /beheer/, and a base class whose permissions follow the roles."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role


class PortalAdminSite(admin.AdminSite):
    """For Team CLM, the functional administrator, and (to look only) the auditor."""

    site_header = _("Management of the care procurement portal")
    site_title = _("Management")
    index_title = _("Work and records")
    # Work lists are wide; the way back is in the breadcrumbs.
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return has_role(request.user, Role.CLM, Role.ADMIN, Role.AUDITOR)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One door for all: the portal's own login, with its second factor and its limits.

        Who is logged in already but has no role here is refused.
        """
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))


class RoleModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Permissions by role instead of Django's tables. Deletion is never offered: nothing is destroyed here.

    `change_roles` may add and change (where the subclass leaves fields editable), `view_roles` may look.
    """

    change_roles: tuple[str, ...] = ()
    view_roles: tuple[str, ...] = (Role.ADMIN, Role.AUDITOR)
    can_add = False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:  # type: ignore[override]
        """Only the filters that the list itself offers.

        Django also takes any other field of the model from the address, and each relation back to it: that would
        answer who has a submission before the vault is open (Aw 2.108), or what the seed of a draw begins with.
        """
        filters = [item[0] if isinstance(item, (list, tuple)) else item for item in self.get_list_filter(request)]
        offered = [getattr(item, "parameter_name", item) for item in (*filters, self.date_hierarchy)]
        named = any(isinstance(name, str) and (lookup == name or lookup.startswith(f"{name}__")) for name in offered)
        # PostgreSQL takes no NUL, which nobody types.
        return named and "\x00" not in value and super().lookup_allowed(lookup, value, request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request.user, *self.view_roles, *self.change_roles)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return has_role(request.user, *self.change_roles)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.can_add and has_role(request.user, *self.change_roles)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
