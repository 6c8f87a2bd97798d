"""The audit log in the admin, to look only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from achterhoek.accounts.admin_site import RoleModelAdmin
from achterhoek.audit.models import AuditEvent
from achterhoek.audit.selectors import unsealed


@admin.register(AuditEvent)
class AuditEventAdmin(RoleModelAdmin):
    list_display = ("at", "actor", "said", "target_label")
    list_filter = ("action",)
    search_fields = ("action", "target_label", "actor__name")
    list_select_related = ("actor",)
    date_hierarchy = "at"

    @admin.display(description=_("what"), ordering="action")
    def said(self, event: AuditEvent) -> str:
        return event.action_name

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        return unsealed(super().get_queryset(request))
