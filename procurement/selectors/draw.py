"""The drawing of lots of a segment: what was promised, who is equal, and what came out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from achterhoek.documents.gate import reads
from achterhoek.documents.models import StoredFile
from procurement.domain.draw import lots
from procurement.enums import DecisionStatus, DrawKind, Outcome, SegmentRoundStatus
from procurement.models import Draw, DrawnPlace, Ranking, RankingRow, SegmentRound
from procurement.rules import overseen
from procurement.selectors.dossier import bid_id
from procurement.selectors.ranking import decision_in_force, latest_ranking

DRAW_FILE = "draw_record"
BEFORE_FIXING = (SegmentRoundStatus.PENDING, SegmentRoundStatus.SCORING, SegmentRoundStatus.CONSENSUS)
TOLD = (DecisionStatus.SENT, DecisionStatus.FINAL)


@dataclass(frozen=True, slots=True)
class EqualBid:
    """A bid that waits for the draw, or waited: by its name in the dossier and its organisation."""

    entry_id: int
    bid: str
    organisation: str
    lot: str = ""
    place: int | None = None


def draw_of(segment_round: SegmentRound) -> Draw | None:
    return Draw.objects.select_related("record", "held_by").filter(segment_round=segment_round).first()


def drawn_places(segment_round: SegmentRound) -> dict[str, int]:
    """The order that was drawn by hand, by the names of the bids; empty where lots were drawn otherwise, or not yet."""
    places = DrawnPlace.objects.filter(
        draw__segment_round=segment_round, draw__kind=DrawKind.PHYSICAL, draw__held_at__isnull=False
    )
    return {bid_id(row.entry, segment_round): row.place for row in places.select_related("entry__submission")}


def equal_bids(segment_round: SegmentRound, ranking: Ranking | None) -> list[EqualBid]:
    """The bids of the newest ranking that wait for a draw. One query."""
    rows = RankingRow.objects.filter(ranking=ranking, outcome=Outcome.PENDING_DRAW).order_by("position")
    return [
        EqualBid(row.entry_id, bid_id(row.entry, segment_round), row.entry.submission.organisation.name)
        for row in rows.select_related("entry__submission__organisation")
    ]


def drawn_by_seed(segment_round: SegmentRound, seed: str) -> list[EqualBid]:
    """Every bid of the newest ranking that took a rank, with its lot, lowest first; for whoever replays the draw."""
    rows = RankingRow.objects.filter(ranking=latest_ranking(segment_round), rank__isnull=False)
    entries = {bid_id(row.entry, segment_round): row.entry for row in rows.select_related(
        "entry__submission__organisation"
    )}  # fmt: skip
    return [
        EqualBid(entries[bid].pk, bid, entries[bid].submission.organisation.name, lot, place)
        for place, (bid, lot) in enumerate(lots(seed, entries), start=1)
    ]


def drawn_by_hand(draw: Draw) -> list[EqualBid]:
    """The order that came out of a draw by hand."""
    rows = DrawnPlace.objects.filter(draw=draw).select_related("entry__submission__organisation")
    return [
        EqualBid(
            row.entry_id,
            bid_id(row.entry, draw.segment_round),
            row.entry.submission.organisation.name,
            place=row.place,
        )
        for row in rows
    ]


def may_end_unused(segment_round: SegmentRound) -> bool:
    """Whether all is decided and told, so that a seed that nothing needed can be shown as well."""
    decision = decision_in_force(segment_round)
    return decision is not None and decision.status in TOLD


def visible_draws(user: Any) -> QuerySet[Draw]:
    """The draws of the regions that this user works for, or looks at."""
    return Draw.objects.filter(overseen(user, region="segment_round__round__tender__region"))


@reads(DRAW_FILE)
def may_read_record(user: Any, stored: StoredFile) -> bool:
    """The record of a draw is read by the lead and the auditor of the region; it names bidders (Aw 2.57)."""
    return visible_draws(user).filter(record=stored).exists()


@dataclass(frozen=True, slots=True)
class DrawPage:
    """All that the page of a draw shows."""

    draw: Draw | None
    ranking: Ranking | None
    waiting: list[EqualBid]
    lots: list[EqualBid]
    by_hand: list[EqualBid]
    may_promise: bool
    may_end: bool

    @property
    def promised(self) -> bool:
        """A seed lies sealed."""
        return self.draw is not None and self.draw.kind == DrawKind.SEED and not self.draw.seed

    @property
    def example(self) -> EqualBid | None:
        """A bid to show the command with."""
        return next(iter(self.lots), None)


def draw_page(segment_round: SegmentRound) -> DrawPage:
    """The page of the draw of one segment, in a fixed number of queries."""
    draw, ranking = draw_of(segment_round), latest_ranking(segment_round)
    physical = draw is not None and draw.kind == DrawKind.PHYSICAL
    return DrawPage(
        draw=draw,
        ranking=ranking,
        waiting=equal_bids(segment_round, ranking),
        lots=drawn_by_seed(segment_round, draw.seed) if draw and draw.seed and not physical else [],
        by_hand=drawn_by_hand(draw) if draw and physical else [],
        may_promise=draw is None and segment_round.status in BEFORE_FIXING,
        may_end=may_end_unused(segment_round),
    )
