"""Questions about rankings: the rows to show, the prices behind them, and whether they can be recomputed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from procurement.domain.scoring import Fault, digest, replay
from procurement.enums import CriterionKind, DecisionStatus, Method, Outcome, QuestionKind
from procurement.models import Answer, Decision, Entry, Question, Ranking, SegmentRound
from procurement.selectors.evaluation import managed_segment_rounds, segment_entries
from procurement.selectors.gate import PRICES_OPEN


@dataclass(frozen=True, slots=True)
class RankingLine:
    """One line on screen: the figures as the result shows them, in the order of the criteria."""

    rank: int | None
    entry_id: int
    number: str
    organisation: str
    outcome: str
    outcome_label: str
    total: Decimal | None
    points: tuple[tuple[str, Decimal | None], ...]


@dataclass(frozen=True, slots=True)
class Recomputed:
    """`same_result`: the stored dossier gives the stored result, byte for byte, again.

    `same_digest`: the stored dossier is the one that was signed by its digest.
    """

    same_result: bool
    same_digest: bool
    differences: tuple[str, ...]

    @property
    def equal(self) -> bool:
        return self.same_result and self.same_digest


def visible_rankings(user: Any) -> QuerySet[Ranking]:
    """Rankings for the procurement lead of the region, and for the auditor to look."""
    return Ranking.objects.filter(segment_round__in=managed_segment_rounds(user)).select_related(
        "segment_round__segment", "segment_round__round__tender", "asked_by"
    )


def latest_ranking(segment_round: SegmentRound) -> Ranking | None:
    """The ranking with the highest number; its dossier and result, which are large, are read where asked for."""
    rankings = Ranking.objects.filter(segment_round=segment_round).defer("dossier", "result")
    return rankings.order_by("-sequence").first()


def decision_in_force(segment_round: SegmentRound) -> Decision | None:
    """The decision that rests on the ranking, where there is one."""
    decisions = Decision.objects.filter(segment_round=segment_round)
    return decisions.exclude(status=DecisionStatus.WITHDRAWN).first()


def ranking_lines(ranking: Ranking) -> list[RankingLine]:
    """The lines in their order; two queries."""
    codes = criterion_codes(ranking)
    rows = ranking.rows.order_by("position").values_list(
        "rank", "entry_id", "entry__submission__number", "entry__submission__organisation__name",
        "outcome", "total", "points", "entry__submission__round__stage",
    )  # fmt: skip
    return [
        RankingLine(
            rank, entry_id, number, name, outcome, Outcome(outcome).said_in(stage),
            Decimal(total) if total else None, tuple((code, _figure(points.get(code))) for code in codes),
        )
        for rank, entry_id, number, name, outcome, total, points, stage in rows
    ]  # fmt: skip


def criterion_codes(ranking: Ranking) -> list[str]:
    """The codes of the criteria, in their order."""
    return list(ranking.segment_round.criteria.values_list("code", flat=True))


def highest_total(segment_round: SegmentRound) -> Decimal | None:
    """The most points there are; None in award on value, where the lowest fictive price is best."""
    if segment_round.method == Method.AWARD_ON_VALUE:
        return None
    weights = segment_round.criteria.values_list("weight", flat=True)
    return sum((weight for weight in weights if weight is not None), Decimal(0))


def _figure(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def recompute(ranking: Ranking) -> Recomputed:
    """Run the stored dossier again, and compare with what was stored."""
    again = replay(ranking.dossier, ranking.result)
    return Recomputed(again.same, digest(ranking.dossier) == ranking.digest, again.differences)


def prices_of(segment_round: SegmentRound) -> dict[Any, Decimal]:
    """The price of each submission for this segment, by submission; none before the scores are fixed.

    The question of the segment goes before a general one, and one that names the price criterion
    before one that does not.
    """
    if segment_round.status not in PRICES_OPEN:
        return {}
    question = _price_question(segment_round)
    if question is None:
        return {}
    answers = Answer.objects.filter(question=question, number__isnull=False)
    return {pk: price for pk, price in answers.values_list("submission_id", "number") if price is not None}


def price_waits_for(segment_round: SegmentRound) -> bool:
    """Whether a price that was asked once, for all segments, is still closed in another segment.

    A ranking shows the price of its bids, and those who judge them in the other segment may not know it yet.
    """
    uses_price = segment_round.method == Method.AWARD_ON_VALUE or (
        segment_round.criteria.filter(kind=CriterionKind.PRICE).exists()
    )
    question = _price_question(segment_round) if uses_price else None
    if question is None or question.segment_id is not None:
        return False
    bidders = segment_entries(segment_round).order_by().values("submission")
    others = Entry.objects.filter(submission__in=bidders).exclude(segment=segment_round.segment_id)
    waiting = SegmentRound.objects.filter(round=segment_round.round_id, segment__in=others.values("segment"))
    return waiting.exclude(status__in=PRICES_OPEN).exists()


def _price_question(segment_round: SegmentRound) -> Question | None:
    questions = list(
        Question.objects.filter(round_id=segment_round.round_id, kind=QuestionKind.PRICE).filter(
            Q(segment__isnull=True) | Q(segment_id=segment_round.segment_id)
        )
    )
    codes = set(segment_round.criteria.filter(kind=CriterionKind.PRICE).values_list("code", flat=True))
    questions.sort(key=lambda q: (q.segment_id is None, q.criterion_code not in codes, q.position, q.pk))
    return questions[0] if questions else None


def fault_text(fault: Fault) -> str:
    """A refusal of the computation in plain words for the lead, with the bid and the criterion."""
    texts = {
        "missing_score": _("a consensus score is missing"),
        "missing_price": _("the price is missing"),
        "score_out_of_range": _("a score lies outside the scale"),
        "unknown_criterion": _("there is a score for a criterion that does not exist"),
        "unknown_tie_break": _("the order in a tie names a criterion that does not exist"),
        "duplicate_bid": _("a bid stands in the dossier twice"),
        "duplicate_criterion": _("a criterion stands in the dossier twice"),
        "bad_weight": _("a weight has to be above 0"),
        "bad_price": _("the price has to be above 0"),
        "bad_places": _("the number of places has to be 1 or more"),
        "bad_bounds": _("the upper bound of the price has to be above the lower bound"),
    }
    text = texts.get(fault.code, _("the dossier is not in order"))
    where = [part for part in (fault.bid, fault.criterion) if part]
    return f"{', '.join(where)}: {text}" if where else text
