"""How far a tender is in its course, from facts alone: which step it stands at. Pure.

The course is that of the restricted procedure with preselection (002_6dfa1213d0e534a1.txt): request, vault,
judgment and decision, then the same for the bids, standstill, contracts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Step(StrEnum):
    """The steps in their order; the last is reached when all is closed."""

    PREPARE = "prepare"
    REQUESTS = "requests"
    SELECTION_VAULT = "selection_vault"
    SELECTION_SCORING = "selection_scoring"
    SELECTION_DECISION = "selection_decision"
    INVITE = "invite"
    BIDS = "bids"
    AWARD_VAULT = "award_vault"
    AWARD_SCORING = "award_scoring"
    AWARD_DECISION = "award_decision"
    STANDSTILL = "standstill"
    CONTRACTS = "contracts"
    DONE = "done"


COURSE: Final = tuple(Step)
_TOLD: Final = frozenset({"sent", "final"})


@dataclass(frozen=True, slots=True)
class SegmentFacts:
    """One segment in a round: the state of its decision in force (empty: none yet), and whether anybody bid."""

    decision: str = ""
    has_entries: bool = True


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """The state of a round, and its segments."""

    status: str = "planned"
    segments: tuple[SegmentFacts, ...] = ()

    @property
    def decisions(self) -> tuple[str, ...]:
        """Of the segments for which somebody bid: the others need no decision."""
        return tuple(segment.decision for segment in self.segments if segment.has_entries)


def current_step(status: str, selection: RoundFacts, award: RoundFacts) -> Step:
    """The step at which a tender stands: the earliest that is not done for every segment."""
    if status in ("completed", "withdrawn"):
        return Step.DONE
    if status == "draft":
        return Step.PREPARE
    if selection.status != "opened":
        return Step.SELECTION_VAULT if selection.status == "closed" else Step.REQUESTS
    if "" in selection.decisions:
        return Step.SELECTION_SCORING
    if not _TOLD.issuperset(selection.decisions):
        return Step.SELECTION_DECISION
    if award.status != "opened":
        return {"planned": Step.INVITE, "open": Step.BIDS}.get(award.status, Step.AWARD_VAULT)
    if "" in award.decisions:
        return Step.AWARD_SCORING
    if not _TOLD.issuperset(award.decisions):
        return Step.AWARD_DECISION
    return Step.STANDSTILL if "sent" in award.decisions else Step.CONTRACTS
