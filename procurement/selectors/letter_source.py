"""What letters are written from, read in a fixed number of queries, however many letters there are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from procurement.calendar_data import legal_calendar
from procurement.domain.letters import (
    OBJECTION_DAYS,
    NoticeDates,
    UnmetRequirement,
    kind_of,
    notice_dates,
)
from procurement.domain.motivation import tidy
from procurement.enums import (
    BatchPurpose,
    BatchStatus,
    CollegeDecisionStatus,
    LetterKind,
    Method,
    Outcome,
    RoundStatus,
    Stage,
)
from procurement.models import (
    ConsensusScore,
    Criterion,
    Decision,
    LetterBatch,
    Motivation,
    Participation,
    Ranking,
    RankingRow,
    RequirementCheck,
    Round,
    SegmentRound,
)
from procurement.selectors.letterhead import Paper, paper_of

# Kept out before or after scoring: these are told the reason, and need no motivation for each criterion.
OUT = frozenset({Outcome.EXCLUDED, Outcome.WITHDRAWN, Outcome.DROPPED})


# Of which bidder, on which criterion, and of which awarded bid (none: of its own score).
ReasonKey = tuple[int, int, int | None]


@dataclass(frozen=True)
class LetterSource:
    """Everything the letters of one batch are written from. `receivers`: the kind of letter that each entry gets."""

    purpose: str
    decision: Decision | None
    ranking: Ranking
    segment_round: SegmentRound
    facts: dict[str, Any]
    receivers: dict[int, str]
    criteria: list[Criterion]
    rows: dict[int, RankingRow]
    consensus: dict[tuple[int, int], tuple[Decimal, str]]
    unmet: dict[int, list[UnmetRequirement]]
    municipalities: tuple[str, ...]
    reservations: tuple[str, ...]
    bid_deadline: datetime | None
    paper: Paper
    commitment: str
    reasons: dict[ReasonKey, Motivation]
    """Only the reasons that somebody edited, or accepted with what was found in them; the others are as the record."""

    def reason_of(self, entry_id: int, criterion_id: int, winner_id: int | None = None) -> str:
        """The reason as the letter prints it: as it was edited, or else what the record says."""
        found = self.reasons.get((entry_id, criterion_id, winner_id))
        if found is not None and found.edited_at is not None:
            return tidy(found.text)
        score = self.consensus.get((winner_id or entry_id, criterion_id))
        return tidy(score[1]) if score else ""

    @property
    def award(self) -> bool:
        return self.segment_round.round.stage == Stage.AWARD

    @property
    def by_value(self) -> bool:
        return self.segment_round.method == Method.AWARD_ON_VALUE

    @property
    def number(self) -> str:
        """By which the letters are cited: the number of the decision, or of the ranking where there is none yet."""
        return decision_number(self.decision) if self.decision else f"R-{self.ranking.pk:05d}"


def decision_number(decision: Decision) -> str:
    """The number by which a decision is cited in letters and on screen."""
    return f"B-{decision.pk:05d}"


def notice_dates_of(decision: Decision, sent: date) -> NoticeDates:
    """The dates that hold when the decision is sent on this day."""
    return notice_dates_for(decision.segment_round, sent)


def notice_dates_for(segment_round: SegmentRound, sent: date) -> NoticeDates:
    round_ = segment_round.round
    days = int(round_.tender.content.get("objection_days", OBJECTION_DAYS))
    return notice_dates(sent, award=round_.stage == Stage.AWARD, calendar=legal_calendar(), cutoff_days=days)


def batch_source(batch_id: int) -> LetterSource:
    """Read all that the letters of a batch need."""
    batch = LetterBatch.objects.select_related("decision", "ranking").get(pk=batch_id)
    return letter_source(
        decision=batch.decision, ranking=batch.ranking, purpose=BatchPurpose(batch.purpose), facts=batch.facts
    )


def facts_to_show(decision: Decision, purpose: str, *, reason: str = "") -> dict[str, Any]:
    """What a letter of this purpose would tell: as it was asked for, or else with this reason."""
    batch = decision.batches.filter(purpose=purpose).exclude(status=BatchStatus.STOPPED).first()
    if batch is not None:
        return dict(batch.facts)
    return {"reason": reason or decision.withdrawal_reason or "…"} if purpose == BatchPurpose.WITHDRAWAL else {}


def letter_source(
    *,
    decision: Decision | None = None,
    ranking: Ranking | None = None,
    purpose: BatchPurpose = BatchPurpose.DECISION,
    facts: dict[str, Any] | None = None,
) -> LetterSource:
    """Read all that the letters need: thirteen queries, however many there are. Of a decision, or of a ranking."""
    if decision is not None:
        rows_of = Decision.objects.select_related("proposed_by", "signed_by", "ranking")
        decision = rows_of.defer("ranking__dossier", "ranking__result").get(pk=decision.pk)
        ranking = decision.ranking
    if ranking is None:
        raise ValueError("letters are of a decision or of a ranking")
    found = (
        Ranking.objects.select_related("segment_round__round__tender__region__authority", "segment_round__segment__lot")
        .defer("dossier", "result")
        .get(pk=ranking.pk)
    )
    segment_round = found.segment_round
    rows = {
        row.entry_id: row
        for row in RankingRow.objects.filter(ranking=found)
        .select_related("entry__submission__organisation")
        .order_by("position")
    }
    consensus = {
        (entry_id, criterion_id): (value, reason)
        for entry_id, criterion_id, value, reason in ConsensusScore.objects.filter(
            entry__ranking_rows__ranking=found, criterion__segment_round=segment_round
        ).values_list("entry_id", "criterion_id", "value", "reason")
    }
    return LetterSource(
        purpose=purpose,
        decision=decision,
        ranking=found,
        segment_round=segment_round,
        facts=facts or {},
        receivers=_receivers(rows, segment_round, purpose),
        criteria=list(segment_round.criteria.all()),
        rows=rows,
        consensus=consensus,
        unmet=_unmet(found),
        municipalities=tuple(
            Participation.objects.filter(segment=segment_round.segment, participates=True)
            .order_by("municipality__name")
            .values_list("municipality__name", flat=True)
        ),
        reservations=tuple(
            decision.college_decisions.filter(status=CollegeDecisionStatus.RESERVED)
            .order_by("municipality__name")
            .values_list("municipality__name", flat=True)
        )
        if decision is not None
        else (),
        bid_deadline=_bid_deadline(segment_round.round),
        paper=paper_of(segment_round.round.tender.region),
        commitment=_commitment(segment_round) if purpose == BatchPurpose.DRAW else "",
        reasons=_reasons(decision) if decision is not None and purpose == BatchPurpose.DECISION else {},
    )


def _reasons(decision: Decision) -> dict[ReasonKey, Motivation]:
    touched = decision.motivations.filter(Q(edited_at__isnull=False) | ~Q(accepted="")).select_related("edited_by")
    return {(row.entry_id, row.criterion_id, row.winner_id): row for row in touched}


def _receivers(rows: dict[int, RankingRow], segment_round: SegmentRound, purpose: BatchPurpose) -> dict[int, str]:
    """Who gets a letter of this purpose, and of which kind."""
    if purpose == BatchPurpose.DRAW:
        return {pk: LetterKind.PENDING_DRAW for pk, row in rows.items() if row.outcome == Outcome.PENDING_DRAW}
    if purpose == BatchPurpose.INVITATION:
        return {pk: LetterKind.INVITATION for pk, row in rows.items() if row.outcome == Outcome.SELECTED}
    if purpose == BatchPurpose.WITHDRAWAL:
        return dict.fromkeys(rows, LetterKind.DECISION_WITHDRAWN)
    if purpose == BatchPurpose.FINAL:
        return dict.fromkeys(rows, LetterKind.FINAL)
    award = segment_round.round.stage == Stage.AWARD
    reserves = [pk for pk, row in rows.items() if row.outcome == Outcome.RESERVE][: segment_round.reserves]
    return {pk: kind_of(row.outcome, award=award, announced_reserve=pk in reserves) for pk, row in rows.items()}


def _unmet(ranking: Ranking) -> dict[int, list[UnmetRequirement]]:
    found: dict[int, list[UnmetRequirement]] = defaultdict(list)
    checks = RequirementCheck.objects.filter(
        entry__ranking_rows__ranking=ranking, met=False, requirement__round=ranking.segment_round.round
    ).order_by("requirement__position", "requirement_id")
    for entry_id, code, title, reason in checks.values_list(
        "entry_id", "requirement__code", "requirement__title", "reason"
    ):
        found[entry_id].append(UnmetRequirement(code, title, reason))
    return dict(found)


def _bid_deadline(round_: Round) -> datetime | None:
    """When bids are due, where the award round is open already; the invitation prints that one deadline."""
    if round_.stage != Stage.SELECTION:
        return None
    return (
        Round.objects.filter(tender_id=round_.tender_id, stage=Stage.AWARD, status=RoundStatus.OPEN)
        .values_list("deadline", flat=True)
        .first()
    )


def _commitment(segment_round: SegmentRound) -> str:
    """The sha256 of the seed that was promised for the draw of today's scoring; nothing for a draw by hand."""
    newest = segment_round.draws.order_by("-id").values_list("commitment", flat=True).first()
    return newest or ""
