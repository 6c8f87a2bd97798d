"""The desk of Team CLM at /beheer/: the work list of subcontractor changes, contracts, and the register."""

from contracts.admin.changes import SubcontractorChangeAdmin
from contracts.admin.contracts import ContractAdmin
from contracts.admin.records import ContractTermAdmin, RegisterVersionAdmin, SubcontractorAdmin
from contracts.admin.results import EvaluationQuestionAdmin, IndicatorAdmin, SegmentIndicatorAdmin

__all__ = [
    "ContractAdmin", "ContractTermAdmin", "EvaluationQuestionAdmin", "IndicatorAdmin", "RegisterVersionAdmin",
    "SegmentIndicatorAdmin", "SubcontractorAdmin", "SubcontractorChangeAdmin",
]  # fmt: skip
