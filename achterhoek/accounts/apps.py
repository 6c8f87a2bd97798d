from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "achterhoek.accounts"
    label = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from achterhoek.accounts import actions  # noqa: F401  (names them in the audit log)
