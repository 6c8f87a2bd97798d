"""A dossier without faults, as the ranking works with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

FORMAT: Final = "scoring-dossier/1"

WEIGHTED_POINTS: Final = "weighted_points"
AWARD_ON_VALUE: Final = "award_on_value"
METHODS: Final = (WEIGHTED_POINTS, AWARD_ON_VALUE)

KEEP_RANKING: Final = "keep_ranking"
RESCORE: Final = "rescore"
ON_EXCLUSION: Final = (KEEP_RANKING, RESCORE)

GRADED: Final = "graded"
PRICE: Final = "price"
KINDS: Final = (GRADED, PRICE)

RELATIVE_LOWEST: Final = "relative_lowest"
ABSOLUTE_LINEAR: Final = "absolute_linear"
FORMULAS: Final = (RELATIVE_LOWEST, ABSOLUTE_LINEAR)

ADMITTED: Final = "admitted"
EXCLUDED: Final = "excluded"
WITHDRAWN: Final = "withdrawn"
DROPPED: Final = "dropped"
STATUSES: Final = (ADMITTED, EXCLUDED, WITHDRAWN, DROPPED)


@dataclass(frozen=True, slots=True)
class GradedCriterion:
    """Judged with scores. `worth` is its weight in points, or its largest value in money (award on value)."""

    id: str
    worth: Fraction
    minimum: Fraction | None


@dataclass(frozen=True, slots=True)
class RelativePrice:
    """Points = weight x lowest price / price: another bid can change these points."""

    id: str
    weight: Fraction


@dataclass(frozen=True, slots=True)
class LinearPrice:
    """Points fall in a straight line from `low` (all) to `high` (none), whatever others offer."""

    id: str
    weight: Fraction
    low: Fraction
    high: Fraction


Criterion = GradedCriterion | RelativePrice | LinearPrice


@dataclass(frozen=True, slots=True)
class Bid:
    """A bid, its price, and the text of its consensus score by graded criterion, where it has one."""

    id: str
    status: str
    price: Fraction | None
    consensus: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Settings:
    """What was announced about the ranking as a whole."""

    method: str
    scale_max: Fraction
    places: int
    minimum_total: Fraction | None
    draw_seed: str | None
    on_exclusion: str


@dataclass(frozen=True, slots=True)
class Dossier:
    settings: Settings
    criteria: tuple[Criterion, ...]
    tie_break: tuple[str, ...]
    bids: tuple[Bid, ...]
