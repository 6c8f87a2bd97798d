from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContractsConfig(AppConfig):
    name = "contracts"
    verbose_name = _("Contracts")

    def ready(self) -> None:
        from contracts import open_data, panels
        from contracts.selectors import actions, change_evidence, letters  # noqa: F401  (audit names, who reads what)
        from contracts.selectors.parties import subcontractors_of
        from contracts.services.dossier import contract_parts
        from procurement.selectors.parties import register_subcontractors
        from procurement.services.dossier_registry import register_chapter

        panels.register()
        open_data.register()
        register_subcontractors(subcontractors_of)
        register_chapter(contract_parts)
