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
    "contracts.lumpsumamount.set": _("Lump sum set"),
    "contracts.lumpsumpayment.plan": _("Instalments planned"),
    "contracts.lumpsumpayment.correct": _("Lump sum corrected"),
    "contracts.paymentexport.make": _("File of payments made"),
    "contracts.optiondecision.record": _("Decision of a college on an option recorded"),
    "contracts.optiondecision.condition_met": _("Condition of a college on an option met"),
    "contracts.subcontractorchange.request": _("Change of subcontractor asked for"),
    "contracts.subcontractorchange.approve": _("Change of subcontractor approved"),
    "contracts.subcontractorchange.approve_with_conditions": _("Change of subcontractor approved, with conditions"),
    "contracts.subcontractorchange.refuse": _("Change of subcontractor refused"),
    "contracts.subcontractorchange.withdraw": _("Request for a change of subcontractor withdrawn"),
    "contracts.subcontractorchange.question": _("Question about a change of subcontractor"),
    "contracts.subcontractorchange.answer": _("Answer about a change of subcontractor"),
    "contracts.changeadvice.ask": _("Advice on a change of subcontractor asked"),
    "contracts.changeadvice.give": _("Advice on a change of subcontractor given"),
    "contracts.changecondition.meet": _("Condition of a change of subcontractor met"),
    "contracts.amendment.sign": _("Amendment in force"),
    "contracts.amendment.drop": _("Amendment dropped"),
    "contracts.resultreport.submit": _("Quarterly report handed in"),
    "contracts.resultreport.send_back": _("Quarterly report sent back"),
    "contracts.resultreport.accept": _("Quarterly report accepted"),
    "contracts.resultreport.reopen": _("Accepted quarterly report sent back after all"),
    "contracts.interimevaluation.conclude": _("Interim evaluation concluded"),
    "contracts.transitionarrangement.agree": _("Transition agreed"),
    "contracts.transitionarrangement.finish": _("Transition done"),
    "contracts.transitionarrangement.drop": _("Transition dropped"),
    "contracts.contractletter.send": _("Letter about a contract sent"),
    "contracts.registerversion.publish": _("New version of the register published"),
    "contracts.registerversion.keep": _("Version of the register kept as it is"),
    "demo.loaded": _("Demonstration loaded"),
})  # fmt: skip
