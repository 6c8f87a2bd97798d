"""The scale on which people score, and how far their scores lie apart.

A criterion with a rubric takes the scores of its rubric; another the steps of the tender's scale.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

# From these parts of the scale on, a difference is named in the consensus meeting.
DIFFERENCE = Decimal("0.2")
LARGE_DIFFERENCE = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class ScoreChoice:
    """A score that may be given, and what it means; the meaning is empty where there is no rubric."""

    value: Decimal
    meaning: str = ""

    @property
    def text(self) -> str:
        return plain_text(self.value)


class Spread(Enum):
    """How far individual scores lie apart, as a part of the scale."""

    SMALL = "small"
    DIFFERENCE = "difference"
    LARGE = "large"


def plain_text(value: Decimal) -> str:
    """A decimal as a plain string without trailing zeros: `10.00` -> `10`."""
    return format(value.normalize(), "f")


def score_choices(
    scale_max: Decimal, step: Decimal, rubric: Iterable[Mapping[str, Any]] = ()
) -> tuple[ScoreChoice, ...]:
    """All scores that may be given, lowest first; the highest of the scale is always among them."""
    from_rubric = [ScoreChoice(Decimal(str(item["score"])), str(item.get("meaning", ""))) for item in rubric]
    if from_rubric:
        return tuple(sorted(from_rubric, key=lambda choice: choice.value))
    steps = [step * number for number in range(int(scale_max // step) + 1)]
    if steps[-1] != scale_max:
        steps.append(scale_max)
    return tuple(ScoreChoice(value) for value in steps)


def spread_of(lowest: Decimal, highest: Decimal, scale_max: Decimal) -> Spread:
    """20% of the scale or more is a difference, 50% or more a large one."""
    part = (highest - lowest) / scale_max
    if part >= LARGE_DIFFERENCE:
        return Spread.LARGE
    return Spread.DIFFERENCE if part >= DIFFERENCE else Spread.SMALL


def lies_outside(value: Decimal, individual: Iterable[Decimal]) -> bool:
    """Whether a consensus score lies outside what anybody gave alone."""
    scores = list(individual)
    return bool(scores) and not min(scores) <= value <= max(scores)
