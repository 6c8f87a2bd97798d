"""What the audit log calls the actions on contracts."""

from django.utils.translation import gettext_lazy as _

from achterhoek.actions import name_actions

name_actions({
    "contracts.contract.make": _("Contract made from an award"),
    "contracts.contract.sign": _("Contract signed"),
    "contracts.contract.end": _("Contract ended on its last day"),
    "contracts.contract.terminate": _("Contract ended early"),
    "contracts.contractterm.exercise": _("Contract extended by a term"),
    "contracts.contractterm.decline": _("Extension of the contract declined"),
    "contracts.subcontractorchange.request": _("Change of subcontractor asked for"),
    "contracts.subcontractorchange.approve": _("Change of subcontractor approved"),
    "contracts.subcontractorchange.approve_with_conditions": _("Change of subcontractor approved, with conditions"),
    "contracts.subcontractorchange.refuse": _("Change of subcontractor refused"),
    "contracts.subcontractorchange.withdraw": _("Request for a change of subcontractor withdrawn"),
    "contracts.contractletter.send": _("Letter about a contract sent"),
    "contracts.contractletter.retry": _("Letter about a contract tried again"),
    "contracts.registerversion.publish": _("New version of the register published"),
    "demo.loaded": _("Demonstration loaded"),
})  # fmt: skip
