"""Contracts, their terms, parties, money, results, subcontractors, and the public register."""

from contracts.models.amendment import Amendment, AmendmentMember
from contracts.models.change import (
    ChangeAdvice,
    ChangeCondition,
    ChangeEvidence,
    ChangeMessage,
    HeldEvidence,
    SavedSearch,
)
from contracts.models.contract import Contract, ContractTerm
from contracts.models.evaluation import Agreement, EvaluationAnswer, EvaluationQuestion, InterimEvaluation
from contracts.models.funding import ContractFunding, LumpsumAmount, LumpsumPayment, PaymentExport, Tariff
from contracts.models.letter import ContractLetter
from contracts.models.obligation import Obligation
from contracts.models.option import OptionDecision, OptionReminder
from contracts.models.party import ContractMunicipality, ContractParty
from contracts.models.register import RegisterFile, RegisterVersion
from contracts.models.results import Indicator, ResultFigure, ResultReport, SegmentIndicator
from contracts.models.signature import ContractDocument, ContractSignature
from contracts.models.subcontractor import Subcontractor, SubcontractorChange
from contracts.models.transition import TransitionArrangement, TransitionCount

__all__ = [
    "Agreement", "Amendment", "AmendmentMember", "ChangeAdvice", "ChangeCondition", "ChangeEvidence", "ChangeMessage",
    "Contract", "ContractDocument", "ContractFunding", "ContractLetter", "ContractMunicipality", "ContractParty",
    "ContractSignature", "ContractTerm", "EvaluationAnswer", "EvaluationQuestion", "HeldEvidence", "Indicator",
    "InterimEvaluation", "LumpsumAmount", "LumpsumPayment", "Obligation", "OptionDecision", "OptionReminder",
    "PaymentExport",
    "RegisterFile", "RegisterVersion", "ResultFigure", "ResultReport", "SavedSearch", "SegmentIndicator",
    "Subcontractor", "SubcontractorChange", "Tariff", "TransitionArrangement", "TransitionCount",
]  # fmt: skip
