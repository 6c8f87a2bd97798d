"""What the admin pages of contracts share: they show, and what changes goes through a service."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.text import capfirst

from achterhoek.accounts.admin_site import RoleModelAdmin
from achterhoek.accounts.enums import Role


class RecordAdmin(RoleModelAdmin):
    """A record to look at: nothing is added, changed or deleted with a plain form."""

    view_roles = (Role.CLM, Role.ADMIN, Role.AUDITOR)
    actions = None
    list_per_page = 50
    show_full_result_count = False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list under its own name: Django's title asks to change what cannot be changed here."""
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def guarded(self, view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        """A page of our own within the admin: behind the admin's door, and known as such."""

        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return self.admin_site.admin_view(view)(request, *args, **kwargs)

        wrapped.model_admin = self  # type: ignore[attr-defined]
        return update_wrapper(wrapped, view)

    def page_context(self, request: HttpRequest, title: str, **extra: Any) -> dict[str, Any]:
        """What the admin's frame needs on a page of our own."""
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **extra}
