"""How far one weight could move before other bids are selected; for learning, after the result is known.

One weight (in award on value: one highest value) moves at a time; the others stay what they were. Each total is then
a straight line in that weight, so the outcome can change only where two lines cross or one crosses the minimum
total. Just before, on and after those points the ranking engine itself is asked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from procurement.domain.draw import PENDING, SELECTED, Place, with_drawn_order
from procurement.domain.scoring.dossier import (
    ADMITTED,
    AWARD_ON_VALUE,
    Criterion,
    Dossier,
    GradedCriterion,
    LinearPrice,
)
from procurement.domain.scoring.points import ScoredBid, score_bids
from procurement.domain.scoring.ranking import place_bids

# Each crossing nearly always changes the set, so that the first tells; a bound keeps odd dossiers quick.
MOST_CROSSINGS: Final = 50
Outcome = tuple[frozenset[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Turn:
    """Where the set changes: at this weight, or (not `at`) as soon as it is passed.

    Who comes in, who falls out, and who would be equal across the cut there, so that lots have to be drawn.
    """

    weight: Fraction
    at: bool
    enters: tuple[str, ...]
    leaves: tuple[str, ...]
    draws: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The weight as it was, and the nearest turn below and above it; None where there is none."""

    criterion: str
    weight: Fraction
    below: Turn | None
    above: Turn | None


def sensitivity(dossier: Dossier, drawn: Mapping[str, int] | None = None) -> tuple[Sensitivity, ...]:
    """For each criterion in their order. `drawn` is the order of a draw by hand, which no dossier holds."""
    return tuple(_of_criterion(dossier, drawn or {}, index) for index in range(len(dossier.criteria)))


def worth_of(criterion: Criterion) -> Fraction:
    """The weight of a criterion, or its highest value in award on value."""
    return criterion.worth if isinstance(criterion, GradedCriterion) else criterion.weight


@dataclass(frozen=True, slots=True)
class _Line:
    """The total of a bid as a function of one weight: `base + slope * weight`."""

    base: Fraction
    slope: Fraction

    def crosses(self, other: "_Line") -> Fraction | None:
        if self.slope == other.slope:
            return None
        return (other.base - self.base) / (self.slope - other.slope)


def _of_criterion(dossier: Dossier, drawn: Mapping[str, int], index: int) -> Sensitivity:
    weight = worth_of(dossier.criteria[index])
    before = _outcome(dossier, drawn)
    points = _crossings(dossier, index, before)
    return Sensitivity(
        criterion=dossier.criteria[index].id,
        weight=weight,
        below=_turn(dossier, drawn, index, before, [p for p in points if 0 < p <= weight], up=False),
        above=_turn(dossier, drawn, index, before, [p for p in points if p >= weight], up=True),
    )


def _crossings(dossier: Dossier, index: int, before: Outcome) -> list[Fraction]:
    """The weights at which the set can change.

    A bid in the set against one outside it, one that waits for a draw against the others that do, and the minimum
    total for those in the set; for the others too where places are left.
    """
    inside, outside, waiting = _lines(dossier, index, before)
    others = outside + waiting
    found = {line.crosses(other) for line in inside + waiting for other in others}
    minimum = dossier.settings.minimum_total
    if minimum is not None:
        floor = _Line(minimum, Fraction(0))
        found |= {line.crosses(floor) for line in inside + waiting}
        if len(inside) < dossier.settings.places:
            found |= {line.crosses(floor) for line in outside}
    return [point for point in found if point is not None]


def _lines(dossier: Dossier, index: int, before: Outcome) -> tuple[list[_Line], list[_Line], list[_Line]]:
    selected, pending = before
    inside: list[_Line] = []
    outside: list[_Line] = []
    waiting: list[_Line] = []
    for item in score_bids(dossier):
        line = _line(dossier, index, item)
        if line is None or item.bid.status != ADMITTED or item.knocked_out:
            continue
        group = inside if item.bid.id in selected else waiting if item.bid.id in pending else outside
        group.append(line)
    return inside, outside, waiting


def _line(dossier: Dossier, index: int, item: ScoredBid) -> _Line | None:
    points = item.points[index]
    if points is None or item.total is None:
        return None
    sign = -1 if dossier.settings.method == AWARD_ON_VALUE else 1
    return _Line(item.total - sign * points.exact, sign * points.exact / worth_of(dossier.criteria[index]))


def _turn(
    dossier: Dossier,
    drawn: Mapping[str, int],
    index: int,
    before: Outcome,
    points: Sequence[Fraction],
    *,
    up: bool,
) -> Turn | None:
    """The first change on the way up, or down to 0."""
    weight = worth_of(dossier.criteria[index])
    for at, limit, probe in _probes(weight, points, up=up):
        after = _outcome(_with_worth(dossier, index, probe), drawn)
        if after != before:
            enters = after[0] - before[0]
            leaves = (before[0] | before[1]) - after[0] - after[1]
            return Turn(limit, at, tuple(sorted(enters)), tuple(sorted(leaves)), tuple(sorted(after[1])))
    return None


def _probes(weight: Fraction, points: Sequence[Fraction], *, up: bool) -> Iterator[tuple[bool, Fraction, Fraction]]:
    """Beside the weight, then on and past each crossing, nearest first: (on the point, the point, weight to try)."""
    nearest = sorted({p for p in points if p != weight}, reverse=not up)[:MOST_CROSSINGS]
    if weight in points:
        yield False, weight, _between(weight, nearest[0] if nearest else None, up=up)
    for number, point in enumerate(nearest):
        beyond = nearest[number + 1] if number + 1 < len(nearest) else None
        yield True, point, point
        yield False, point, _between(point, beyond, up=up)


def _between(point: Fraction, beyond: Fraction | None, *, up: bool) -> Fraction:
    if beyond is None:
        return point + 1 if up else point / 2
    return (point + beyond) / 2


def _outcome(dossier: Dossier, drawn: Mapping[str, int]) -> Outcome:
    placed = place_bids(dossier, score_bids(dossier))
    places = [Place(item.scored.bid.id, item.rank, item.outcome) for item in placed]
    places = with_drawn_order(places, drawn, dossier.settings.places)
    return (
        frozenset(place.bid for place in places if place.outcome == SELECTED),
        frozenset(place.bid for place in places if place.outcome == PENDING),
    )


def _with_worth(dossier: Dossier, index: int, worth: Fraction) -> Dossier:
    criterion = dossier.criteria[index]
    changed: Criterion
    if isinstance(criterion, GradedCriterion):
        changed = replace(criterion, worth=worth)
    elif isinstance(criterion, LinearPrice):
        changed = replace(criterion, weight=worth)
    else:
        changed = replace(criterion, weight=worth)
    return replace(dossier, criteria=(*dossier.criteria[:index], changed, *dossier.criteria[index + 1 :]))
