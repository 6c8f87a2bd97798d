"""What the audit log calls the actions on accounts."""

from django.utils.translation import gettext_lazy as _

from achterhoek.actions import name_actions

name_actions({
    "accounts.role.granted": _("Role given"),
    "accounts.role.revoked": _("Role taken away"),
    "accounts.user.saved": _("Account made or changed"),
})  # fmt: skip
