"""Tenders and all that happens in them, up to the award."""

from procurement.models.decision import Award, CollegeDecision, Decision
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
    Receipt,
    RequirementConfirmation,
    Submission,
    VaultConfirmation,
    VaultOpening,
)
from procurement.models.tender import Tender

__all__ = [
    "Answer", "Award", "Bid", "CollegeDecision", "CommitteeMember", "ConsensusScore", "Criterion", "Decision",
    "DecisionLogEntry", "Entry", "Letter", "Lot", "Participation", "ParticipationRequest", "Phase", "Question",
    "Ranking", "RankingRow", "Receipt", "Replan", "Requirement", "RequirementCheck",
    "RequirementConfirmation", "Round", "Score", "Segment",
    "SegmentRound", "SubSegment", "Submission", "Tender", "VaultConfirmation", "VaultOpening",
]  # fmt: skip
