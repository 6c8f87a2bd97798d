"""Questions of the insight pages: read-only, for the lead and the auditor, after the individual scores are revealed.

Each list costs the same number of queries for 1 bid and for 300.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from procurement.domain.explanation import Explanation, explain
from procurement.domain.insight import CellSpread, EvaluatorFigures, GivenScore, evaluator_figures, spreads
from procurement.domain.score_scale import Spread, spread_of
from procurement.domain.scoring import DossierRefusedError, NotJsonError
from procurement.domain.scoring.dossier import Dossier
from procurement.domain.scoring.jsontext import read_document
from procurement.domain.scoring.reading import read_dossier
from procurement.domain.sensitivity import Sensitivity, sensitivity
from procurement.enums import CriterionKind, DecisionStatus, Outcome
from procurement.models import Criterion, Decision, Ranking, SegmentRound
from procurement.selectors.basis import counting_scores
from procurement.selectors.draw import drawn_places
from procurement.selectors.evaluation import lead_access, segment_entries
from procurement.selectors.seats import scoring_seats

PUBLISHED = (DecisionStatus.SENT, DecisionStatus.FINAL)


@dataclass(frozen=True, slots=True)
class RankedBid:
    """A bid in the ranking, with exact facts where its dossier can be read."""

    entry_id: int
    number: str
    name: str
    rank: int | None
    outcome: str
    outcome_label: str
    reason: str
    total: Decimal | None
    points: Mapping[str, Decimal]
    explanation: Explanation | None


@dataclass(frozen=True, slots=True)
class SpreadRow:
    """How far the scores on each criterion of one bid lie apart; None where there are none."""

    entry_id: int
    number: str
    name: str
    cells: tuple[CellSpread | None, ...]
    tones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EvaluatorLine:
    name: str
    figures: EvaluatorFigures


def may_see(user: Any, segment_round: SegmentRound) -> bool:
    """Nothing that tells of scores before the individual scores are revealed, nor while a part is scored again."""
    return lead_access(user, segment_round).see_others


def criteria_of(segment_round: SegmentRound) -> list[Criterion]:
    """All criteria in their order."""
    return list(segment_round.criteria.all())


def ranking_shown(segment_round: SegmentRound) -> tuple[Ranking | None, bool]:
    """The ranking that the published decision rests on, and True; else the newest one, and False. Two queries."""
    decided = Decision.objects.filter(segment_round=segment_round, status__in=PUBLISHED).select_related("ranking")
    decision = decided.order_by("-pk").first()
    ranking = decision.ranking if decision else segment_round.rankings.order_by("-sequence").first()
    if ranking is not None:
        ranking.segment_round = segment_round
    return ranking, decision is not None


def ranked_bids(ranking: Ranking, stage: str) -> list[RankedBid]:
    """The lines in their order, each with why it stands there; a fixed number of queries."""
    dossier = dossier_of(ranking)
    facts = explain(dossier, drawn_places(ranking)) if dossier else ()
    by_number = {number_of(one.bid): one for one in facts}
    rows = ranking.rows.order_by("position").values_list(
        "entry_id", "entry__submission__number", "entry__submission__organisation__name",
        "rank", "outcome", "entry__status_reason", "total", "points",
    )  # fmt: skip
    return [
        RankedBid(
            entry_id, number, name, rank, outcome, Outcome(outcome).said_in(stage), reason,
            Decimal(total) if total else None,
            {code: Decimal(value) for code, value in points.items() if value is not None},
            by_number.get(number),
        )
        for entry_id, number, name, rank, outcome, reason, total, points in rows
    ]  # fmt: skip


def sensitivities(ranking: Ranking) -> tuple[Sensitivity, ...]:
    """How far each weight could move; computed anew from the dossier, and kept nowhere."""
    dossier = dossier_of(ranking)
    return sensitivity(dossier, drawn_places(ranking)) if dossier else ()


def dossier_of(ranking: Ranking) -> Dossier | None:
    """The stored dossier as the engine reads it; None where it cannot be read, which the check of rankings reports."""
    try:
        return read_dossier(read_document(ranking.dossier))
    except (DossierRefusedError, NotJsonError):
        return None


def number_of(bid: str) -> str:
    """The submission number in the name that a bid has in dossiers, `number:segment`."""
    return bid.rpartition(":")[0] or bid


def given_scores(segment_round: SegmentRound) -> list[GivenScore]:
    """The individual scores that count, on the criteria that people score. One query."""
    rows = counting_scores(segment_round).filter(criterion__kind=CriterionKind.GRADED).order_by("pk")
    return [
        GivenScore(evaluator, entry, criterion, Fraction(value))
        for evaluator, entry, criterion, value in rows.values_list("evaluator_id", "entry_id", "criterion_id", "value")
    ]


def evaluator_lines(segment_round: SegmentRound) -> list[EvaluatorLine]:
    """Each evaluator beside the others. Two queries."""
    seats = scoring_seats(segment_round).select_related("user").order_by("pk")
    names = {seat.user_id: str(seat.user) for seat in seats}
    figures = evaluator_figures(given_scores(segment_round), list(names))
    return [EvaluatorLine(names[one.evaluator], one) for one in figures]


def spread_rows(segment_round: SegmentRound, criteria: list[Criterion]) -> list[SpreadRow]:
    """All bids with scores; those on which the evaluators differ most come first. Two queries."""
    scale_max = segment_round.round.tender.scale_max
    found = spreads(given_scores(segment_round))
    bids = segment_entries(segment_round).values_list("pk", "submission__number", "submission__organisation__name")
    rows = []
    for entry_id, number, name in bids:
        cells = tuple(found.get((entry_id, criterion.pk)) for criterion in criteria)
        rows.append(SpreadRow(entry_id, number, name, cells, tuple(_tone(cell, scale_max) for cell in cells)))
    return sorted((row for row in rows if any(row.cells)), key=_most_apart_first)


def _tone(cell: CellSpread | None, scale_max: Decimal) -> str:
    if cell is None:
        return "none"
    return spread_of(_exact(cell.lowest), _exact(cell.highest), scale_max).value


def _exact(value: Fraction) -> Decimal:
    """A score came from a decimal, so this loses nothing."""
    return Decimal(value.numerator) / Decimal(value.denominator)


def _most_apart_first(row: SpreadRow) -> tuple[int, Fraction, str, int]:
    large = sum(tone == Spread.LARGE.value for tone in row.tones)
    apart = sum((cell.apart for cell in row.cells if cell), Fraction(0))
    return (-large, -apart, row.number or "", row.entry_id)
