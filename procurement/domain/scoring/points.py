"""Points (or values) and totals of every bid, exact.

Scores are few different texts many times over, so that points on a graded criterion are worked out once a
text, as whole units of one common denominator; a bid's graded total is then a sum of integers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from procurement.domain.scoring.dossier import (
    ADMITTED,
    AWARD_ON_VALUE,
    DROPPED,
    KEEP_RANKING,
    Bid,
    Criterion,
    Dossier,
    GradedCriterion,
    LinearPrice,
    RelativePrice,
    Settings,
)
from procurement.domain.scoring.exact import parse_decimal, shown


@dataclass(slots=True)
class Points:
    """What a score or a price brings on one criterion, exact and as shown; `units` over the common
    denominator.
    """

    exact: Fraction
    shown: str
    below_minimum: bool = False
    units: int = 0


@dataclass(slots=True)
class ScoredBid:
    """A bid with its points, in the order of the criteria; None where they cannot be worked out."""

    bid: Bid
    points: list[Points | None]
    knocked_out: bool
    total: Fraction | None = None


def score_bids(dossier: Dossier) -> list[ScoredBid]:
    """Points of all bids, also of those that take no part in the ranking."""
    tables = [
        _GradedTable(criterion, dossier.settings.scale_max) if isinstance(criterion, GradedCriterion) else None
        for criterion in dossier.criteria
    ]
    scored = [_graded_points(bid, tables) for bid in dossier.bids]
    denominator = _share_denominator([table for table in tables if table])
    lowest = _reference_price(scored, dossier.settings)
    for item in scored:
        for index, criterion in enumerate(dossier.criteria):
            if not isinstance(criterion, GradedCriterion):
                item.points[index] = _price_points(criterion, item.bid.price, lowest)
        item.total = _total(item, dossier.criteria, denominator, dossier.settings.method)
    return scored


class _GradedTable:
    """Points on one graded criterion by the text of the consensus score."""

    def __init__(self, criterion: GradedCriterion, scale_max: Fraction) -> None:
        self.id = criterion.id
        self._minimum = criterion.minimum
        self._per_score = criterion.worth / scale_max
        self.by_text: dict[str, Points] = {}

    def add(self, text: str) -> Points:
        score = parse_decimal(text)
        if score is None:
            raise ValueError(text)
        exact = self._per_score * score
        below = self._minimum is not None and score < self._minimum
        points = self.by_text[text] = Points(exact, shown(exact), below)
        return points


def _graded_points(bid: Bid, tables: list[_GradedTable | None]) -> ScoredBid:
    points: list[Points | None] = []
    knocked_out = False
    for table in tables:
        text = bid.consensus.get(table.id) if table else None
        if table is None or text is None:
            points.append(None)
            continue
        found = table.by_text.get(text) or table.add(text)
        knocked_out = knocked_out or found.below_minimum
        points.append(found)
    return ScoredBid(bid, points, knocked_out)


def _share_denominator(tables: list[_GradedTable]) -> int:
    every = [points for table in tables for points in table.by_text.values()]
    denominator = lcm(*(points.exact.denominator for points in every))
    for points in every:
        points.units = points.exact.numerator * (denominator // points.exact.denominator)
    return denominator


def _reference_price(scored: list[ScoredBid], settings: Settings) -> Fraction | None:
    """The lowest price among the bids that count: admitted, and dropped ones while the ranking is kept.

    One that is knocked out, or would have been, never counts; one below the minimum total does.
    """
    setters = {ADMITTED, DROPPED} if settings.on_exclusion == KEEP_RANKING else {ADMITTED}
    prices = [
        item.bid.price
        for item in scored
        if item.bid.price is not None and item.bid.status in setters and not item.knocked_out
    ]
    return min(prices, default=None)


def _price_points(
    criterion: RelativePrice | LinearPrice, price: Fraction | None, lowest: Fraction | None
) -> Points | None:
    if price is None:
        return None
    weight = criterion.weight
    if isinstance(criterion, LinearPrice):
        exact = weight * (criterion.high - price) / (criterion.high - criterion.low)
    elif lowest is None:
        return None
    else:
        exact = weight * lowest / price
    exact = max(Fraction(0), min(weight, exact))
    return Points(exact, shown(exact))


def _total(item: ScoredBid, criteria: Sequence[Criterion], denominator: int, method: str) -> Fraction | None:
    units = 0
    rest = Fraction(0)
    for criterion, points in zip(criteria, item.points, strict=True):
        if points is None:
            return None
        if isinstance(criterion, GradedCriterion):
            units += points.units
        else:
            rest += points.exact
    total = Fraction(units, denominator) + rest
    if method == AWARD_ON_VALUE:
        return None if item.bid.price is None else item.bid.price - total
    return total
