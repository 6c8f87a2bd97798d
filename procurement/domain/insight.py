"""What the individual scores tell afterwards: how far they lie apart, who scores milder, and how steadily.

For the committee to learn from. It changes nothing: the consensus decides. All figures are exact fractions.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Final

# With fewer scores beside those of others chance says more than the evaluator.
ENOUGH: Final = 5
# From these parts of the scale on we say so: half of what is a difference in the meeting, and that itself.
NOTABLE: Final = Fraction(1, 10)
UNSTEADY: Final = Fraction(1, 5)


class Leniency(Enum):
    """How an evaluator scores beside the others on the same bids."""

    STRICTER = "stricter"
    ALIKE = "alike"
    MILDER = "milder"


class Steadiness(Enum):
    """Whether the distance to the others stays about the same from score to score."""

    STEADY = "steady"
    VARIES = "varies"
    UNSTEADY = "unsteady"


@dataclass(frozen=True, slots=True)
class GivenScore:
    """One individual score that counts."""

    evaluator: int
    bid: int
    criterion: int
    value: Fraction


@dataclass(frozen=True, slots=True)
class EvaluatorFigures:
    """One evaluator beside the others.

    `compared`: scores on a bid and criterion that somebody else scored too. `leniency`: the mean of own score minus
    the mean of the others; above 0 is milder. `unsteadiness`: the mean distance of those differences to `leniency`
    (mean absolute deviation, which stays a fraction). Both are None where nothing can be compared.
    """

    evaluator: int
    given: int
    compared: int
    leniency: Fraction | None
    unsteadiness: Fraction | None

    @property
    def enough(self) -> bool:
        return self.compared >= ENOUGH

    def in_words(self, scale_max: Fraction) -> Leniency | None:
        """None where there are too few scores to say anything."""
        if not self.enough or self.leniency is None:
            return None
        if abs(self.leniency) < NOTABLE * scale_max:
            return Leniency.ALIKE
        return Leniency.MILDER if self.leniency > 0 else Leniency.STRICTER

    def steadiness(self, scale_max: Fraction) -> Steadiness | None:
        """None where there are too few scores to say anything."""
        if not self.enough or self.unsteadiness is None:
            return None
        if self.unsteadiness < NOTABLE * scale_max:
            return Steadiness.STEADY
        return Steadiness.UNSTEADY if self.unsteadiness >= UNSTEADY * scale_max else Steadiness.VARIES


@dataclass(frozen=True, slots=True)
class CellSpread:
    """The lowest and the highest score of one bid on one criterion, of how many."""

    lowest: Fraction
    highest: Fraction
    scores: int

    @property
    def apart(self) -> Fraction:
        return self.highest - self.lowest


def evaluator_figures(scores: Iterable[GivenScore], evaluators: Sequence[int]) -> tuple[EvaluatorFigures, ...]:
    """The figures of each evaluator, in the order given; one without scores is there too."""
    cells: dict[tuple[int, int], dict[int, Fraction]] = defaultdict(dict)
    given: dict[int, int] = defaultdict(int)
    for score in scores:
        cells[score.bid, score.criterion][score.evaluator] = score.value
        given[score.evaluator] += 1
    differences = _differences(cells.values())
    return tuple(_figures(evaluator, given[evaluator], differences[evaluator]) for evaluator in evaluators)


def _differences(cells: Iterable[Mapping[int, Fraction]]) -> dict[int, list[Fraction]]:
    """By evaluator, own score minus the mean of the others, wherever there are others."""
    found: dict[int, list[Fraction]] = defaultdict(list)
    for values in cells:
        others = len(values) - 1
        if others < 1:
            continue
        total = sum(values.values(), Fraction(0))
        for evaluator, value in values.items():
            found[evaluator].append(value - (total - value) / others)
    return found


def _figures(evaluator: int, given: int, differences: Sequence[Fraction]) -> EvaluatorFigures:
    if not differences:
        return EvaluatorFigures(evaluator, given, 0, None, None)
    count = len(differences)
    mean = sum(differences, Fraction(0)) / count
    away = sum((abs(difference - mean) for difference in differences), Fraction(0)) / count
    return EvaluatorFigures(evaluator, given, count, mean, away)


def spreads(scores: Iterable[GivenScore]) -> dict[tuple[int, int], CellSpread]:
    """How far the scores lie apart, by bid and criterion."""
    cells: dict[tuple[int, int], list[Fraction]] = defaultdict(list)
    for score in scores:
        cells[score.bid, score.criterion].append(score.value)
    return {cell: CellSpread(min(values), max(values), len(values)) for cell, values in cells.items()}
