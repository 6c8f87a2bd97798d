"""What the audit log calls the actions of providers."""

from django.utils.translation import gettext_lazy as _

from achterhoek.actions import name_actions

name_actions({
    "providers.organisation.registered": _("Organisation registered"),
    "providers.organisation.changed": _("Details of the organisation changed"),
    "providers.membership.added": _("Person added to the team"),
})  # fmt: skip
