"""The outbox in the admin: the functional administrator sees what waits, and sends again what failed."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from achterhoek.accounts.admin_site import RoleModelAdmin
from achterhoek.accounts.enums import Role
from achterhoek.errors import RuleViolation
from achterhoek.mail.models import OutboxMessage
from achterhoek.mail.selectors import unsealed
from achterhoek.mail.services import resend


@admin.register(OutboxMessage)
class OutboxMessageAdmin(RoleModelAdmin):
    view_roles = (Role.ADMIN,)
    list_display = ("created_at", "to", "subject", "status", "attempts", "sent_at")
    list_filter = ("status",)
    search_fields = ("to", "subject")
    fields = ("to", "subject", "body", "status", "attempts", "last_error", "created_at", "sent_at")
    actions = ("send_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMessage]:
        return unsealed(super().get_queryset(request))

    @admin.action(description=_("Send again"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> None:
        try:
            for message in queryset:
                resend(message=message, by=request.user)  # type: ignore[arg-type]
        except RuleViolation as refused:
            self.message_user(request, refused.message, messages.ERROR)
