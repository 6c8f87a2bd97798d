"""The audit log in the admin, to look only."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from achterhoek.accounts.admin_site import RoleModelAdmin
from achterhoek.audit.models import AuditEvent
from achterhoek.audit.selectors import unsealed


@admin.register(AuditEvent)
class AuditEventAdmin(RoleModelAdmin):
    """A list without pages behind it: an address with the number of an event would tell how many sealed ones lie
    between it and the one before (Aw 2.108). What the details are stands on the page of oversight."""

    list_display = ("at", "actor", "said", "target_label")
    list_display_links = None
    list_filter = ("action",)
    search_fields = ("action", "target_label", "actor__name")
    list_select_related = ("actor",)
    date_hierarchy = "at"

    @admin.display(description=_("what"), ordering="action")
    def said(self, event: AuditEvent) -> str:
        return event.action_name

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        return unsealed(super().get_queryset(request))

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        raise Http404

    def history_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        raise Http404
