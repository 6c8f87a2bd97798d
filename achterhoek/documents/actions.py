"""What the audit log calls the actions on stored files."""

from django.utils.translation import gettext_lazy as _

from achterhoek.actions import name_actions

name_actions({"documents.file.infected": _("Virus found in a file")})
