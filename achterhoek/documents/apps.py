from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "achterhoek.documents"
    label = "documents"
    verbose_name = _("Documents")

    def ready(self) -> None:
        from achterhoek.documents import actions  # noqa: F401  (names them in the audit log)
