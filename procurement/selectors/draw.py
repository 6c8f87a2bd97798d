"""The drawing of lots of a segment: what was promised, who is equal, and what came out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from achterhoek.documents.gate import reads
from achterhoek.documents.models import StoredFile
from procurement.domain.draw import lots
from procurement.enums import DecisionStatus, DrawKind, Outcome, SegmentRoundStatus
from procurement.models import Draw, DrawnPlace, Ranking, RankingRow, Reevaluation, SegmentRound
from procurement.rules import overseen
from procurement.selectors.dossier import bid_id
from procurement.selectors.ranking import decision_in_force, latest_ranking

DRAW_FILE = "draw_record"
BEFORE_FIXING = (SegmentRoundStatus.PENDING, SegmentRoundStatus.SCORING, SegmentRoundStatus.CONSENSUS)
# Texts of a ranking that its draw does not need.
HEAVY = ("reevaluation__before__dossier", "reevaluation__before__result")
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
    """The draw of the scoring that counts now: of the newest re-evaluation, where there is one. One query."""
    return _of_scoring(Reevaluation.objects.all()).filter(segment_round=segment_round).first()


def draw_for(ranking: Ranking) -> Draw | None:
    """The draw of the scoring from which this ranking was made. One query."""
    before = Reevaluation.objects.filter(before__sequence__lt=ranking.sequence)
    return _of_scoring(before).filter(segment_round=ranking.segment_round_id).first()


def draws_of(segment_round: SegmentRound) -> list[Draw]:
    """All draws of a segment, the newest first. One query."""
    found = Draw.objects.filter(segment_round=segment_round).order_by("-pk")
    return list(found.select_related("record", "held_by", "reevaluation__before").defer(*HEAVY))


def draw_record(ranking: Ranking) -> dict[str, Any] | None:
    """The draw that decided in this ranking, for whoever replays it; None where no lots did. Names no bidder.

    With a seed: the one that stands in its dossier. By hand: the order among the bids that the result has waiting.
    """
    draw = draw_for(ranking)
    if draw is None or draw.held_at is None:
        return None
    if draw.kind == DrawKind.SEED and draw.committed_at is not None:
        if json.loads(ranking.dossier).get("draw_seed") != draw.seed:
            return None
        return {
            "kind": draw.kind,
            "commitment": draw.commitment,
            "committed_at": draw.committed_at.isoformat(),
            "seed": draw.seed,
            "held_at": draw.held_at.isoformat(),
        }
    places = drawn_places(ranking)
    waiting = {line["bid"] for line in json.loads(ranking.result)["ranking"] if line["outcome"] == Outcome.PENDING_DRAW}
    if not waiting or not waiting <= places.keys():
        return None
    return {"kind": draw.kind, "held_at": draw.held_at.isoformat(), "order": sorted(places, key=places.__getitem__)}


def _of_scoring(reevaluations: QuerySet[Reevaluation]) -> QuerySet[Draw]:
    """The draws of the last of these re-evaluations; of the first scoring where there is none."""
    last = reevaluations.filter(segment_round=OuterRef("segment_round")).order_by("-pk").values("pk")[:1]
    found = Draw.objects.annotate(scoring=Subquery(last))
    found = found.filter(Q(scoring=F("reevaluation")) | Q(scoring__isnull=True, reevaluation__isnull=True))
    return found.select_related("record", "held_by", "key")


def drawn_places(ranking: Ranking) -> dict[str, int]:
    """The order that was drawn by hand for this ranking, by the names of the bids; empty where there is none."""
    draw = draw_for(ranking)
    if draw is None or draw.kind != DrawKind.PHYSICAL or draw.held_at is None:
        return {}
    segment_round = ranking.segment_round
    rows = DrawnPlace.objects.filter(draw=draw).select_related("entry__submission")
    return {bid_id(row.entry, segment_round): row.place for row in rows}


def equal_bids(segment_round: SegmentRound, ranking: Ranking | None) -> list[EqualBid]:
    """The bids of the newest ranking that wait for a draw. One query."""
    rows = RankingRow.objects.filter(ranking=ranking, outcome=Outcome.PENDING_DRAW).order_by("position")
    return [
        EqualBid(row.entry_id, bid_id(row.entry, segment_round), row.entry.submission.organisation.name)
        for row in rows.select_related("entry__submission__organisation")
    ]


def drawn_by_seed(ranking: Ranking, seed: str) -> list[EqualBid]:
    """Every bid of a ranking that took a rank, with its lot, lowest first; for whoever replays the draw."""
    segment_round = ranking.segment_round
    rows = RankingRow.objects.filter(ranking=ranking, rank__isnull=False)
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
class ShownDraw:
    """A draw with the ranking it belongs to, and what came out of it."""

    draw: Draw
    ranking: Ranking | None
    lots: list[EqualBid]
    by_hand: list[EqualBid]

    @property
    def example(self) -> EqualBid | None:
        """A bid to show the command with."""
        return next(iter(self.lots), None)


@dataclass(frozen=True, slots=True)
class DrawPage:
    """All that the page of a draw shows: what counts now, and the draws of scorings that were done again."""

    shown: ShownDraw | None
    earlier: list[ShownDraw]
    ranking: Ranking | None
    waiting: list[EqualBid]
    may_promise: bool
    may_end: bool

    @property
    def draw(self) -> Draw | None:
        return self.shown.draw if self.shown else None

    @property
    def promised(self) -> bool:
        """A seed lies sealed, with which lots can be drawn."""
        return self.draw is not None and self.draw.kind == DrawKind.SEED and self.draw.sealed_still

    @property
    def sealed(self) -> bool:
        """Some seed lies sealed still, also one that was not needed."""
        return any(shown.draw.sealed_still for shown in (self.shown, *self.earlier) if shown)


def draw_page(segment_round: SegmentRound) -> DrawPage:
    """The page of the draw of one segment; a fixed number of queries for each scoring."""
    ranking = latest_ranking(segment_round)
    draws, current = draws_of(segment_round), draw_of(segment_round)
    rankings = _rankings_of_draws(segment_round, draws)
    now = next((draw for draw in draws if current is not None and draw.pk == current.pk), None)
    return DrawPage(
        shown=_shown(now, rankings) if now else None,
        earlier=[_shown(draw, rankings) for draw in draws if draw is not now],
        ranking=ranking,
        waiting=equal_bids(segment_round, ranking) if segment_round.status == SegmentRoundStatus.RANKED else [],
        may_promise=now is None and segment_round.status in BEFORE_FIXING,
        may_end=may_end_unused(segment_round),
    )


def _rankings_of_draws(segment_round: SegmentRound, draws: list[Draw]) -> dict[int, Ranking]:
    """The newest ranking of the scoring of each draw: the last one before the next scoring began. One query."""
    found: dict[int, Ranking] = {}
    made = Ranking.objects.filter(segment_round=segment_round).order_by("sequence").defer("dossier", "result")
    starts = sorted((draw.reevaluation.before.sequence if draw.reevaluation else 0, draw.pk) for draw in draws)
    for ranking in made:
        ranking.segment_round = segment_round
        begun = [pk for after, pk in starts if after < ranking.sequence]
        if begun:
            found[begun[-1]] = ranking
    return found


def _shown(draw: Draw, rankings: dict[int, Ranking]) -> ShownDraw:
    ranking = rankings.get(draw.pk)
    by_seed = draw.kind == DrawKind.SEED and draw.held_at is not None and ranking is not None
    return ShownDraw(
        draw=draw,
        ranking=ranking,
        lots=drawn_by_seed(ranking, draw.seed) if by_seed and ranking is not None else [],
        by_hand=drawn_by_hand(draw) if draw.kind == DrawKind.PHYSICAL else [],
    )
