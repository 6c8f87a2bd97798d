"""The criteria of a dossier, checked."""

from fractions import Fraction
from typing import Any

from procurement.domain.scoring import faults as f
from procurement.domain.scoring.checks import Checks
from procurement.domain.scoring.dossier import (
    ABSOLUTE_LINEAR,
    AWARD_ON_VALUE,
    FORMULAS,
    GRADED,
    KINDS,
    PRICE,
    WEIGHTED_POINTS,
    Criterion,
    GradedCriterion,
    LinearPrice,
    RelativePrice,
)
from procurement.domain.scoring.jsontext import repeated_keys

# What a graded criterion weighs, by method.
_WORTH_KEY = {WEIGHTED_POINTS: "weight", AWARD_ON_VALUE: "max_value"}


class CriteriaReader:
    """Reads the list of criteria.

    `kinds` holds each id's kind in order, None where the kind itself is wrong, so that one fault in a
    criterion does not make every score on it a fault too. `listed` is False where there is no list at all.
    """

    def __init__(self, checks: Checks, method: str | None) -> None:
        self.checks = checks
        self.method = method
        self.criteria: list[Criterion] = []
        self.kinds: dict[str, str | None] = {}
        self.listed = False

    def read(self, source: Any) -> None:
        if not isinstance(source, list):
            self.checks.fault(f.BAD_FORMAT, '"criteria" has to be a list of criteria.')
            return
        self.listed = True
        if not source:
            self.checks.fault(f.BAD_FORMAT, "There have to be criteria.")
        for item in source:
            self._read_one(item)

    def _read_one(self, source: Any) -> None:
        if not isinstance(source, dict):
            self.checks.fault(f.BAD_FORMAT, "A criterion is a JSON object.")
            return
        identifier = source.get("id") if isinstance(source.get("id"), str) else None
        if self.checks.look_for_repeated_keys:
            self.checks.repeated(repeated_keys(source), criterion=identifier)
        if identifier is None:
            self.checks.fault(f.BAD_FORMAT, 'The "id" of a criterion has to be a text.')
        elif identifier in self.kinds:
            self.checks.fault(f.DUPLICATE_CRITERION, "This criterion is listed twice.", criterion=identifier)
        kind = self.checks.choice(source.get("kind"), KINDS, "kind", criterion=identifier)
        if identifier is not None:
            self.kinds.setdefault(identifier, kind)
        criterion: Criterion | None = None
        if kind == GRADED:
            criterion = self._graded(source, identifier)
        elif kind == PRICE:
            criterion = self._price(source, identifier)
        if criterion is not None:
            self.criteria.append(criterion)

    def _graded(self, source: dict[str, Any], identifier: str | None) -> GradedCriterion | None:
        key = _WORTH_KEY.get(self.method or "")
        worth = self._above_zero(source.get(key), key, identifier) if key else None
        minimum = None
        if source.get("minimum") is not None:
            minimum = self.checks.decimal(source["minimum"], "minimum", criterion=identifier)
        if identifier is None or worth is None:
            return None
        return GradedCriterion(identifier, worth, minimum)

    def _price(self, source: dict[str, Any], identifier: str | None) -> RelativePrice | LinearPrice | None:
        if self.method == AWARD_ON_VALUE:
            message = "There is no price criterion in award_on_value."
            self.checks.fault(f.BAD_FORMAT, message, criterion=identifier)
            return None
        weight = self._above_zero(source.get("weight"), "weight", identifier)
        formula = self.checks.choice(source.get("formula"), FORMULAS, "formula", criterion=identifier)
        low = high = None
        if formula == ABSOLUTE_LINEAR:
            low = self.checks.decimal(source.get("low"), "low", criterion=identifier)
            high = self.checks.decimal(source.get("high"), "high", criterion=identifier)
            if low is not None and high is not None and high <= low:
                self.checks.fault(f.BAD_BOUNDS, '"high" has to be above "low".', criterion=identifier)
        if identifier is None or weight is None or formula is None:
            return None
        if formula != ABSOLUTE_LINEAR:
            return RelativePrice(identifier, weight)
        if low is None or high is None:
            return None
        return LinearPrice(identifier, weight, low, high)

    def _above_zero(self, value: Any, name: str, identifier: str | None) -> Fraction | None:
        number = self.checks.decimal(value, name, criterion=identifier)
        if number is not None and number <= 0:
            self.checks.fault(f.BAD_WEIGHT, f'"{name}" has to be above 0.', criterion=identifier)
        return number
