from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContractsConfig(AppConfig):
    name = "contracts"
    verbose_name = _("Contracts")

    def ready(self) -> None:
        from contracts import open_data, panels
        from contracts.selectors import actions, change_evidence, letters  # noqa: F401  (audit names, who reads what)
        from contracts.selectors.parties import subcontractors_of
        from procurement.selectors.parties import register_subcontractors

        panels.register()
        open_data.register()
        register_subcontractors(subcontractors_of)
