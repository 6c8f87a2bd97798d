"""The order of the bids, their ranks and their outcomes."""

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Final

from procurement.domain.scoring.dossier import ADMITTED, AWARD_ON_VALUE, Dossier, Settings
from procurement.domain.scoring.points import ScoredBid

SELECTED: Final = "selected"
RESERVE: Final = "reserve"
PENDING_DRAW: Final = "pending_draw"
KNOCKED_OUT: Final = "knocked_out"
BELOW_MINIMUM: Final = "below_minimum"

# Whole parts of totals are compared first, in units this small: integers compare much faster than rationals.
_FINE = 2**64

OrderKey = tuple[Fraction | int | str, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """A bid with its rank (None where it takes none) and its outcome."""

    scored: ScoredBid
    rank: int | None
    outcome: str


def place_bids(dossier: Dossier, scored: list[ScoredBid]) -> list[Placed]:
    """Ranked bids first, in order (equal ones by id), then the others by id."""
    eligible: list[ScoredBid] = []
    others: list[Placed] = []
    for item in scored:
        outcome = _outcome_without_rank(item, dossier.settings)
        if outcome is None:
            eligible.append(item)
        else:
            others.append(Placed(item, None, outcome))
    others.sort(key=lambda placed: placed.scored.bid.id)
    return _ranked(dossier, eligible) + others


def _outcome_without_rank(item: ScoredBid, settings: Settings) -> str | None:
    """Why a bid takes no rank, or None where it does. On the boundary passes."""
    if item.bid.status != ADMITTED:
        return item.bid.status
    if item.knocked_out:
        return KNOCKED_OUT
    if settings.minimum_total is not None and item.total is not None and item.total < settings.minimum_total:
        return BELOW_MINIMUM
    return None


def _ranked(dossier: Dossier, eligible: list[ScoredBid]) -> list[Placed]:
    """Bids that stay equal share a rank (1, 2, 2, 4); the next rank counts all before it."""
    index_of = {criterion.id: index for index, criterion in enumerate(dossier.criteria)}
    tie_break = [index_of[criterion] for criterion in dossier.tie_break]
    keyed = [(_order_key(item, dossier.settings, tie_break), item) for item in eligible]
    keyed.sort(key=lambda pair: (pair[0], pair[1].bid.id))
    placed: list[Placed] = []
    for _, group in groupby(keyed, key=lambda pair: pair[0]):
        equals = [item for _, item in group]
        before = len(placed)
        outcome = _outcome(before, len(equals), len(eligible), dossier.settings.places)
        placed.extend(Placed(item, before + 1, outcome) for item in equals)
    return placed


def _outcome(before: int, equals: int, eligible: int, places: int) -> str:
    """Equal bids on both sides of the cut wait for a draw; with room for all there is no cut."""
    if eligible <= places or before + equals <= places:
        return SELECTED
    return RESERVE if before >= places else PENDING_DRAW


def _order_key(item: ScoredBid, settings: Settings, tie_break: list[int]) -> OrderKey:
    """Smallest first: total, then points on each tie-break criterion (highest first), then the draw."""
    if item.total is None:
        raise ValueError(f"{item.bid.id} has no total")
    total = item.total if settings.method == AWARD_ON_VALUE else -item.total
    # Rounding down never turns an order round, and where it makes totals equal the exact one still decides.
    key: list[Fraction | int | str] = [total.numerator * _FINE // total.denominator, total]
    for index in tie_break:
        points = item.points[index]
        if points is None:
            raise ValueError(f"{item.bid.id} has no points to break a tie with")
        key.append(-points.exact)
    if settings.draw_seed is not None:
        key.append(draw_number(settings.draw_seed, item.bid.id))
    return tuple(key)


def draw_number(seed: str, bid: str) -> str:
    """The lot of a bid in a recorded draw; the lowest comes first."""
    return hashlib.sha256(f"{seed}:{bid}".encode()).hexdigest()
