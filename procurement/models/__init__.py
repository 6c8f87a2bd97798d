"""Tenders and all that happens in them, up to the award."""

from procurement.models.committee import Assignment, CommitteeMember, InterestCorrection, InterestDeclaration
from procurement.models.completeness import Clarification, ClarificationRequest, CompletenessCheck
from procurement.models.decision import Award, CollegeDecision, Decision
from procurement.models.draft import DraftAlternative, DraftAnswer, Fingerprint
from procurement.models.evaluation import (
    ConsensusMeeting,
    ConsensusScore,
    ReasonPhrase,
    RequirementCheck,
    Score,
    ScoreDraft,
    ScoringNote,
)
from procurement.models.letter import Letter, LetterBatch
from procurement.models.letterhead import Letterhead, LetterText
from procurement.models.motivation import Motivation
from procurement.models.objection import Objection
from procurement.models.planning import DecisionLogEntry, Phase, Replan
from procurement.models.ranking import Draw, DrawnPlace, Ranking, RankingCheck, RankingRow, Reevaluation
from procurement.models.record import AwardNotice, ProcedureRecord, TenderDossier
from procurement.models.report import EvaluationReport
from procurement.models.round import Criterion, Question, Requirement, Round, SegmentRound
from procurement.models.structure import Lot, Participation, Segment, SubSegment
from procurement.models.submission import (
    Answer,
    Bid,
    Entry,
    ParticipationRequest,
    RequirementConfirmation,
    Submission,
)
from procurement.models.tender import Tender
from procurement.models.vault import (
    CustodianShare,
    DeadlineExtension,
    PriceOpening,
    Receipt,
    ReceiptRoot,
    SealedPackage,
    VaultConfirmation,
    VaultKey,
    VaultOpening,
)
from procurement.models.vault_papers import PriceRecord, ReceiptDelivery

__all__ = [
    "Answer", "Assignment", "Award", "AwardNotice", "Bid", "Clarification", "ClarificationRequest",
    "CollegeDecision", "CommitteeMember", "CompletenessCheck", "ConsensusMeeting", "ConsensusScore", "Criterion",
    "CustodianShare", "DeadlineExtension", "Decision", "DecisionLogEntry", "DraftAlternative", "DraftAnswer",
    "Draw", "DrawnPlace", "Entry", "EvaluationReport", "Fingerprint", "InterestCorrection", "InterestDeclaration",
    "Letter", "LetterBatch", "LetterText", "Letterhead", "Lot", "Motivation", "Objection", "Participation",
    "ParticipationRequest", "Phase", "PriceOpening", "PriceRecord", "ProcedureRecord", "Question", "Ranking",
    "RankingCheck", "RankingRow", "ReasonPhrase", "Receipt", "ReceiptDelivery", "ReceiptRoot", "Reevaluation",
    "Replan", "Requirement", "RequirementCheck", "RequirementConfirmation", "Round", "Score", "ScoreDraft",
    "ScoringNote", "SealedPackage", "Segment", "SegmentRound", "SubSegment", "Submission", "Tender",
    "TenderDossier", "VaultConfirmation", "VaultKey", "VaultOpening",
]  # fmt: skip
