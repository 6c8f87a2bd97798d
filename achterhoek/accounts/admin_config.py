"""The admin of the portal: Django's, with our own site."""

from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    default_site = "achterhoek.accounts.admin_site.PortalAdminSite"
