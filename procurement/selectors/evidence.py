"""What the log holds of scores, rankings and draws: the last word of each event that vouches for a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from achterhoek.audit.models import AuditEvent
from procurement.models import ConsensusScore, Draw, Entry, Ranking, Score
from procurement.selectors.draw import draw_for

# (entry, code of the criterion, who scored; None for the score of all together).
Key = tuple[int, str, int | None]
SAVED, TOGETHER = "procurement.score.saved", "procurement.consensus.recorded"


@dataclass(frozen=True, slots=True)
class Vouched:
    """The last event about a score, and the seal in it; empty where it has none."""

    event: int
    commitment: str


def vouched_scores(action: str) -> dict[Key, Vouched]:
    """The last event of each score; one query. Those of one person carry who; a consensus has nobody's name."""
    events = AuditEvent.objects.filter(action=action, target_type=Entry._meta.label_lower).order_by("id")
    rows = events.values_list("id", "target_id", "actor_id", "detail__criterion", "detail__commitment")
    alone = action == SAVED
    return {
        (int(entry), str(code), actor if alone else None): Vouched(event, commitment or "")
        for event, entry, actor, code, commitment in rows.iterator(chunk_size=2000)
    }


def individual_scores() -> Iterator[tuple[Key, Score]]:
    for score in Score.objects.select_related("criterion").order_by("pk").iterator(chunk_size=2000):
        yield (score.entry_id, score.criterion.code, score.evaluator_id), score


def consensus_scores() -> Iterator[tuple[Key, ConsensusScore]]:
    for score in ConsensusScore.objects.select_related("criterion").order_by("pk").iterator(chunk_size=2000):
        yield (score.entry_id, score.criterion.code, None), score


def rankings_to_check() -> QuerySet[Ranking]:
    """All rankings, by number; each is large, so they come one by one."""
    return Ranking.objects.select_related("segment_round__segment", "segment_round__round__tender").order_by("pk")


def made_event(ranking: Ranking) -> tuple[str, str] | None:
    """What the log says that this ranking was made of, and gave: the digests of dossier and result."""
    events = AuditEvent.objects.filter(
        action="procurement.ranking.made", target_type=Ranking._meta.label_lower, target_id=str(ranking.pk)
    )
    found = events.order_by("id").values_list("detail__digest", "detail__result").first()
    return (found[0] or "", found[1] or "") if found else None


def logged_rankings() -> dict[int, int]:
    """The rankings that the log tells of, each with its event."""
    events = AuditEvent.objects.filter(action="procurement.ranking.made", target_type=Ranking._meta.label_lower)
    return {int(pk): event for event, pk in events.order_by("id").values_list("id", "target_id")}


def orders_held(ranking: Ranking) -> list[list[str]]:
    """Every order that was drawn by hand for the scoring of this ranking, by the log."""
    draw = draw_for(ranking)
    if draw is None:
        return []
    events = AuditEvent.objects.filter(
        action="procurement.draw.held", target_type=Draw._meta.label_lower, target_id=str(draw.pk)
    )
    return list(events.order_by("id").values_list("detail__order", flat=True))


def draws_to_check() -> QuerySet[Draw]:
    return Draw.objects.select_related("segment_round__segment").prefetch_related("places__entry__submission")


def promised(draw: Draw) -> str | None:
    """The commitment as it was logged; None where there is no such event."""
    said: str | None = _draw_detail(draw, "procurement.draw.promised", "commitment")
    return said


def revealed(draw: Draw) -> str | None:
    """The seed as it was logged when it was shown."""
    said: str | None = _draw_detail(draw, "procurement.draw.revealed", "seed")
    return said


def held_order(draw: Draw) -> list[str] | None:
    """The order of a draw by hand as it was logged."""
    said: list[str] | None = _draw_detail(draw, "procurement.draw.held", "order")
    return said


def _draw_detail(draw: Draw, action: str, key: str) -> Any:
    events = AuditEvent.objects.filter(action=action, target_type=Draw._meta.label_lower, target_id=str(draw.pk))
    return events.order_by("-id").values_list(f"detail__{key}", flat=True).first()
