"""What the audit log calls the actions on mail."""

from django.utils.translation import gettext_lazy as _

from achterhoek.actions import name_actions

name_actions({"mail.message.requeued": _("E-mail put in the queue again")})
