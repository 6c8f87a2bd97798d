"""How far a decision is: its batches of letters, and the other decisions on the same segment, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from procurement.enums import BatchPurpose, BatchStatus, DecisionStatus, LetterStatus, Outcome, RoundStatus, Stage
from procurement.models import Decision, LetterBatch, RankingRow, Round
from procurement.selectors.decisions import LetterLine, letter_lines
from procurement.selectors.letters import decision_number

MADE = (LetterStatus.RENDERED, LetterStatus.SENT)


@dataclass(frozen=True)
class BatchBlock:
    """The letters of one moment, with how many are made and which failed."""

    batch: LetterBatch
    lines: list[LetterLine]

    @property
    def made(self) -> int:
        return sum(line.status in MADE for line in self.lines)

    @property
    def failed(self) -> list[LetterLine]:
        return [line for line in self.lines if line.status == LetterStatus.FAILED]

    @property
    def looked_at(self) -> int:
        return sum(line.looked_at is not None for line in self.lines)

    @property
    def waits(self) -> bool:
        """Whether all is made and the lead is to read it first."""
        return self.under_way and self.batch.held and self.made == len(self.lines)

    @property
    def under_way(self) -> bool:
        return self.batch.status == BatchStatus.PREPARED

    @property
    def reason(self) -> str:
        """What only these letters tell: why the decision is withdrawn."""
        return str(self.batch.facts.get("reason", ""))


def batch_blocks(decision: Decision) -> list[BatchBlock]:
    """All batches of a decision, the newest first. Two queries."""
    lines: dict[int, list[LetterLine]] = {}
    for line in letter_lines(decision):
        lines.setdefault(line.batch_id, []).append(line)
    batches = decision.batches.select_related("asked_by").order_by("-id")
    return [BatchBlock(batch, lines.get(batch.pk, [])) for batch in batches]


def block_of(blocks: list[BatchBlock], purpose: BatchPurpose) -> BatchBlock | None:
    """The batch of this purpose that goes on or was sent; one that was stopped is none."""
    found = (b for b in blocks if b.batch.purpose == purpose and b.batch.status != BatchStatus.STOPPED)
    return next(found, None)


def may_invite(decision: Decision) -> bool:
    """Whether the selected can be invited: on a selection that was sent, once the award stage is open. One query."""
    if decision.segment_round.round.stage != Stage.SELECTION or decision.status != DecisionStatus.SENT:
        return False
    rounds = Round.objects.filter(tender_id=decision.segment_round.round.tender_id, stage=Stage.AWARD)
    return rounds.filter(status=RoundStatus.OPEN, deadline__isnull=False).exists()


def steps(decision: Decision) -> list[dict[str, Any]]:
    """The course of a decision, for the steps on its page. Only an award has colleges and an end.

    One that was withdrawn shows how far it came, and then that.
    """
    award = decision.segment_round.round.stage == Stage.AWARD
    course = [
        (_("Proposed"), decision.proposed_at),
        *([(_("Approved by the colleges"), decision.approved_at)] if award else []),
        (_("Signed"), decision.adopted_at),
        (_("Sent to the bidders"), decision.sent_at),
    ]
    if decision.status == DecisionStatus.WITHDRAWN:
        course = [(label, moment) for label, moment in course if moment] + [(_("Withdrawn"), decision.withdrawn_at)]
    elif award:
        course.append((_("Final"), decision.final_at))
    shown: list[dict[str, Any]] = []
    for label, moment in course:
        current = moment is None and all(step["state"] == "done" for step in shown)
        state = "done" if moment else "current" if current else "todo"
        shown.append({"label": label, "state": state, "date": timezone.localdate(moment) if moment else None})
    return shown


# Side by side ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Beside:
    """One decision among those on the same segment."""

    pk: int
    number: str
    status: str
    status_label: str
    sequence: int
    digest: str
    proposed_at: datetime
    sent_at: datetime | None
    withdrawn_at: datetime | None
    reason: str


@dataclass(frozen=True)
class Told:
    """What one bidder is in each of the decisions, by its number; empty where it was not in that ranking."""

    name: str
    outcomes: tuple[tuple[str, str, str, int | None], ...]
    differs: bool


@dataclass(frozen=True)
class SideBySide:
    decisions: list[Beside]
    bidders: list[Told]


def side_by_side(decision: Decision) -> SideBySide | None:
    """All decisions on the segment with the ranking that each cited, the newest first; None where there is but one.

    Two queries.
    """
    found = list(
        Decision.objects.filter(segment_round=decision.segment_round)
        .select_related("ranking")
        .defer("ranking__dossier", "ranking__result")
        .order_by("-id")
    )
    if len(found) < 2:
        return None
    stage = decision.segment_round.round.stage
    names: dict[int, str] = {}
    told: dict[tuple[int, int], tuple[str, str, int | None]] = {}
    rows = RankingRow.objects.filter(ranking__in={one.ranking_id for one in found}).order_by("-ranking_id", "position")
    for ranking_id, entry_id, name, outcome, rank in rows.values_list(
        "ranking_id", "entry_id", "entry__submission__organisation__name", "outcome", "rank"
    ):
        names.setdefault(entry_id, name)
        told[ranking_id, entry_id] = (outcome, Outcome(outcome).said_in(stage), rank)
    bidders = []
    for entry_id, name in names.items():
        outcomes = [told.get((one.ranking_id, entry_id), ("", "", None)) for one in found]
        named = tuple((decision_number(one), *outcome) for one, outcome in zip(found, outcomes, strict=True))
        bidders.append(Told(name, named, differs=len(set(outcomes)) > 1))
    return SideBySide([_beside(one) for one in found], bidders)


def _beside(decision: Decision) -> Beside:
    return Beside(
        pk=decision.pk,
        number=decision_number(decision),
        status=decision.status,
        status_label=decision.get_status_display(),
        sequence=decision.ranking.sequence,
        digest=decision.ranking.digest,
        proposed_at=decision.proposed_at,
        sent_at=decision.sent_at,
        withdrawn_at=decision.withdrawn_at,
        reason=decision.withdrawal_reason,
    )
