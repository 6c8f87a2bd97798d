"""A scoring done again: which criteria are open meanwhile, what counts as given, and what came out otherwise.

What was scored before stays in the file. On a criterion that is open again it has to be given anew, also where it
stays the same: a redone assessment is an assessment, not a signature under the old one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from procurement.enums import CriterionKind, Outcome, SegmentRoundStatus
from procurement.models import Criterion, Ranking, RankingRow, Reevaluation, SegmentRound


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a bid stood in one ranking: its figures as they are shown."""

    rank: int | None
    outcome: str
    outcome_label: str
    total: Decimal | None
    points: dict[str, Decimal | None]


@dataclass(frozen=True, slots=True)
class BidDifference:
    """One bid in both rankings. None where a ranking does not have it."""

    entry_id: int
    number: str
    organisation: str
    before: Standing | None
    after: Standing | None
    points: tuple[tuple[str, Decimal | None, Decimal | None], ...]

    @property
    def gained(self) -> Decimal | None:
        """How much the total rose; negative where it fell."""
        if self.before is None or self.after is None or self.before.total is None or self.after.total is None:
            return None
        return self.after.total - self.before.total

    @property
    def changed(self) -> bool:
        return self.before != self.after


def open_reevaluation(segment_round: SegmentRound) -> Reevaluation | None:
    """The re-evaluation that has begun and has not ended."""
    found = Reevaluation.objects.filter(segment_round=segment_round, finished_at__isnull=True)
    return found.prefetch_related("criteria").first()


def open_criteria(segment_round: SegmentRound) -> set[int] | None:
    """The criteria that are scored again; None where nothing is being done again, so all are open."""
    begun = Reevaluation.objects.filter(segment_round=segment_round, finished_at__isnull=True)
    chosen = {pk for pk in begun.values_list("criteria", flat=True) if pk is not None}
    return chosen or None


def begun_at(segment_round: SegmentRound) -> datetime | None:
    """Since when scores count as given in the re-evaluation that is under way; None where there is none."""
    begun = Reevaluation.objects.filter(segment_round=segment_round, finished_at__isnull=True)
    return begun.values_list("started_at", flat=True).first()


def asked_criteria() -> QuerySet[Criterion]:
    """The criteria that people score now: all graded ones, or in a re-evaluation those that are open. One query."""
    return Criterion.objects.filter(_asked())


@cache
def _asked() -> Q:
    begun = Reevaluation.objects.filter(segment_round=OuterRef("segment_round"), finished_at__isnull=True)
    closed = Exists(begun) & ~Exists(begun.filter(criteria=OuterRef("pk")))
    return Q(~closed, kind=CriterionKind.GRADED)


def criteria_to_score(segment_round: SegmentRound) -> QuerySet[Criterion]:
    """Those of one segment."""
    return asked_criteria().filter(segment_round=segment_round)


@cache
def given_now() -> Any:
    """A filter on scores, or a column of theirs: given in the scoring that is under way now, not in one before it."""
    begun = Reevaluation.objects.filter(segment_round=OuterRef("criterion__segment_round"), finished_at__isnull=True)
    return ~Exists(begun.filter(criteria=OuterRef("criterion"), started_at__gt=OuterRef("changed_at")))


def reevaluations_of(segment_round: SegmentRound) -> list[Reevaluation]:
    """All of a segment, the newest first, with their criteria and rankings. Two queries."""
    found = Reevaluation.objects.filter(segment_round=segment_round).order_by("-pk").prefetch_related("criteria")
    heavy = [f"{side}__{text}" for side in ("before", "after") for text in ("dossier", "result")]
    return list(found.select_related("started_by", "before", "after").defer(*heavy))


def new_ranking(reevaluation: Reevaluation) -> Ranking | None:
    """The ranking that came out of it: kept at the end, or so far the newest one made since."""
    if reevaluation.after is not None:
        return reevaluation.after
    made = Ranking.objects.filter(
        segment_round=reevaluation.segment_round_id,
        sequence__gt=reevaluation.before.sequence,
        segment_round__status=SegmentRoundStatus.RANKED,
    )
    return made.order_by("-sequence").defer("dossier", "result").first()


def differences(before: Ranking, after: Ranking, codes: list[str]) -> list[BidDifference]:
    """Per bid the points and the rank before and after, in the order of the new ranking. One query."""
    rows = RankingRow.objects.filter(ranking__in=[before, after]).order_by("position")
    names: dict[int, tuple[str, str]] = {}
    found: dict[int, dict[int, Standing]] = {before.pk: {}, after.pk: {}}
    for ranking, entry, number, name, rank, outcome, stage, total, points in rows.values_list(
        "ranking_id", "entry_id", "entry__submission__number", "entry__submission__organisation__name", "rank",
        "outcome", "entry__submission__round__stage", "total", "points",
    ):  # fmt: skip
        names[entry] = (number, name)
        figures = {code: _figure(points.get(code)) for code in codes}
        label = str(Outcome(outcome).said_in(stage))
        found[ranking][entry] = Standing(rank, outcome, label, _figure(total), figures)
    order = [*found[after.pk], *(entry for entry in found[before.pk] if entry not in found[after.pk])]
    return [
        _difference(entry, names[entry], found[before.pk].get(entry), found[after.pk].get(entry), codes)
        for entry in order
    ]


def _difference(
    entry: int, names: tuple[str, str], before: Standing | None, after: Standing | None, codes: list[str]
) -> BidDifference:
    was, now = before.points if before else {}, after.points if after else {}
    return BidDifference(entry, *names, before, after, tuple((c, was.get(c), now.get(c)) for c in codes))


def _figure(text: Any) -> Decimal | None:
    return Decimal(text) if text else None


def all_criterion_codes(segment_round: SegmentRound) -> list[str]:
    """The codes of the criteria, a price among them, in their order."""
    return list(segment_round.criteria.values_list("code", flat=True))
