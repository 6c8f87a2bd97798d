"""Tenders and all that happens in them, up to the award."""

from procurement.models.completeness import Clarification, ClarificationRequest, CompletenessCheck
from procurement.models.decision import Award, CollegeDecision, Decision
from procurement.models.draft import DraftAlternative, DraftAnswer, Fingerprint
from procurement.models.evaluation import (
    CommitteeMember,
    ConsensusScore,
    Ranking,
    RankingRow,
    RequirementCheck,
    Score,
)
from procurement.models.letter import Letter
from procurement.models.planning import DecisionLogEntry, Phase, Replan
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
    "Answer", "Award", "Bid", "Clarification", "ClarificationRequest", "CollegeDecision", "CommitteeMember",
    "CompletenessCheck", "ConsensusScore", "Criterion", "CustodianShare", "DeadlineExtension", "Decision",
    "DecisionLogEntry", "DraftAlternative", "DraftAnswer", "Entry", "Fingerprint", "Letter", "Lot", "Participation",
    "ParticipationRequest", "Phase", "PriceOpening", "PriceRecord", "Question", "Ranking", "RankingRow", "Receipt",
    "ReceiptDelivery", "ReceiptRoot", "Replan", "Requirement", "RequirementCheck", "RequirementConfirmation", "Round",
    "Score", "SealedPackage", "Segment", "SegmentRound", "SubSegment", "Submission", "Tender", "VaultConfirmation",
    "VaultKey", "VaultOpening",
]  # fmt: skip
