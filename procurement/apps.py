from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProcurementConfig(AppConfig):
    name = "procurement"
    verbose_name = _("Procurement")

    def ready(self) -> None:
        # Panels on other rooms' pages, the rules for files of submissions, and names in the log register themselves.
        from procurement import panels  # noqa: F401
        from procurement.selectors import actions, draw, gate, letterhead, meeting  # noqa: F401
        from procurement.services import answer_files, integrity  # noqa: F401
