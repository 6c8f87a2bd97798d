from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailConfig(AppConfig):
    name = "achterhoek.mail"
    label = "mail"
    verbose_name = _("Mail")

    def ready(self) -> None:
        from achterhoek.mail import actions  # noqa: F401  (names them in the audit log)
