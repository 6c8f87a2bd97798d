"""Why a bid stands where it stands: the facts, each traced to the dossier. Their words are chosen elsewhere.

Everything follows from the dossier alone, by the same computation as the ranking itself (scoring-dossier.md).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from procurement.domain.draw import Place, with_drawn_order
from procurement.domain.scoring.dossier import Dossier, GradedCriterion
from procurement.domain.scoring.exact import parse_decimal
from procurement.domain.scoring.points import ScoredBid, score_bids
from procurement.domain.scoring.ranking import PENDING_DRAW, RESERVE, SELECTED, Placed, place_bids
from procurement.domain.sensitivity import worth_of


@dataclass(frozen=True, slots=True)
class OwnPoints:
    """What a bid has on one criterion, of how much; points, or euros in award on value. None: cannot be computed."""

    criterion: str
    points: Fraction | None
    most: Fraction


@dataclass(frozen=True, slots=True)
class BelowMinimum:
    """A consensus score under the announced minimum of a criterion: a knock-out."""

    criterion: str
    score: Fraction
    minimum: Fraction


@dataclass(frozen=True, slots=True)
class Cut:
    """The bid across the cut that is nearest, and how far it is off; 0 where the totals are equal."""

    bid: str
    apart: Fraction


@dataclass(frozen=True, slots=True)
class Tie:
    """A bid with the same total, and what put one before the other.

    `decided_by` is a criterion, with the points of both; None where all those were equal too. Then `drawn` tells
    whether lots decided.
    """

    bid: str
    ahead: bool
    decided_by: str | None
    own: Fraction | None
    theirs: Fraction | None
    drawn: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """The facts about one bid. `short_of` is how far its total lies under the minimum total, where it does."""

    bid: str
    rank: int | None
    outcome: str
    total: Fraction | None
    points: tuple[OwnPoints, ...]
    below_minimum: tuple[BelowMinimum, ...]
    short_of: Fraction | None
    cut: Cut | None
    ties: tuple[Tie, ...]


def explain(dossier: Dossier, drawn: Mapping[str, int] | None = None) -> tuple[Explanation, ...]:
    """One for each bid, in the order of the ranking. `drawn` is the order of a draw by hand."""
    placed = _settled(dossier, place_bids(dossier, score_bids(dossier)), drawn or {})
    ranked = [item for item in placed if item.rank is not None]
    equals = _equals(ranked)
    last = first = None
    if not any(item.outcome == PENDING_DRAW for item in ranked):  # until lots are drawn nobody knows where the cut lies
        last = next((item for item in reversed(ranked) if item.outcome == SELECTED), None)
        first = next((item for item in ranked if item.outcome == RESERVE), None)
    return tuple(
        Explanation(
            bid=item.scored.bid.id,
            rank=item.rank,
            outcome=item.outcome,
            total=item.scored.total,
            points=_own_points(dossier, item.scored),
            below_minimum=_below_minimum(dossier, item.scored),
            short_of=_short_of(dossier, item),
            cut=_cut(item, first if item.outcome == SELECTED else last),
            ties=tuple(_tie(dossier, item, other) for other in equals.get(item.scored.total, ()) if other is not item)
            if item.rank is not None
            else (),
        )
        for item in placed
    )


def _settled(dossier: Dossier, placed: Sequence[Placed], drawn: Mapping[str, int]) -> list[Placed]:
    """The ranking with the order that was drawn by hand, where there is one."""
    found = {item.scored.bid.id: item for item in placed}
    places = [Place(item.scored.bid.id, item.rank, item.outcome) for item in placed]
    return [
        Placed(found[place.bid].scored, place.rank, place.outcome)
        for place in with_drawn_order(places, drawn, dossier.settings.places)
    ]


def _equals(ranked: Iterable[Placed]) -> dict[Fraction | None, list[Placed]]:
    found: dict[Fraction | None, list[Placed]] = {}
    for item in ranked:
        found.setdefault(item.scored.total, []).append(item)
    return found


def _own_points(dossier: Dossier, scored: ScoredBid) -> tuple[OwnPoints, ...]:
    return tuple(
        OwnPoints(criterion.id, points.exact if points else None, worth_of(criterion))
        for criterion, points in zip(dossier.criteria, scored.points, strict=True)
    )


def _below_minimum(dossier: Dossier, scored: ScoredBid) -> tuple[BelowMinimum, ...]:
    found = []
    for criterion in dossier.criteria:
        if not isinstance(criterion, GradedCriterion) or criterion.minimum is None:
            continue
        text = scored.bid.consensus.get(criterion.id)
        score = parse_decimal(text) if text is not None else None
        if score is not None and score < criterion.minimum:
            found.append(BelowMinimum(criterion.id, score, criterion.minimum))
    return tuple(found)


def _short_of(dossier: Dossier, item: Placed) -> Fraction | None:
    minimum, total = dossier.settings.minimum_total, item.scored.total
    if item.rank is not None or minimum is None or total is None or total >= minimum:
        return None
    return minimum - total


def _cut(item: Placed, across: Placed | None) -> Cut | None:
    """None for a bid without a place in the order, or where nobody stands across the cut."""
    if item.outcome not in (SELECTED, RESERVE) or across is None:
        return None
    own, theirs = item.scored.total, across.scored.total
    if own is None or theirs is None:
        return None
    return Cut(across.scored.bid.id, abs(own - theirs))


def _tie(dossier: Dossier, item: Placed, other: Placed) -> Tie:
    ahead = (item.rank or 0) < (other.rank or 0)
    criterion, own, theirs = _deciding(dossier, item.scored, other.scored)
    drawn = criterion is None and item.rank != other.rank
    return Tie(other.scored.bid.id, ahead, criterion, own, theirs, drawn)


def _deciding(
    dossier: Dossier, one: ScoredBid, other: ScoredBid
) -> tuple[str | None, Fraction | None, Fraction | None]:
    ids: Sequence[str] = [criterion.id for criterion in dossier.criteria]
    for criterion in dossier.tie_break:
        index = ids.index(criterion)
        own, theirs = one.points[index], other.points[index]
        if own is not None and theirs is not None and own.exact != theirs.exact:
            return criterion, own.exact, theirs.exact
    return None, None, None
