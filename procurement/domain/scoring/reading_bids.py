"""The bids of a dossier, checked."""

from fractions import Fraction
from typing import Any

from procurement.domain.scoring import faults as f
from procurement.domain.scoring.checks import Checks
from procurement.domain.scoring.dossier import ADMITTED, AWARD_ON_VALUE, GRADED, PRICE, STATUSES, Bid
from procurement.domain.scoring.jsontext import RepeatedKeys, repeated_keys
from procurement.domain.scoring.reading_criteria import CriteriaReader


class BidReader:
    """Reads the list of bids.

    What is missing is a fault for admitted bids only; whatever else is wrong, is wrong in every bid.
    """

    def __init__(
        self, checks: Checks, criteria: CriteriaReader, *, scale_max: Fraction | None, method: str | None
    ) -> None:
        self.checks = checks
        self.kinds = criteria.kinds
        self.criteria_listed = criteria.listed
        self.scale_max = scale_max if scale_max is not None and scale_max > 0 else None
        self.price_needed = method == AWARD_ON_VALUE or PRICE in criteria.kinds.values()
        self.bids: list[Bid] = []
        self._ids: set[str] = set()
        # Scores are few different texts many times over: each text is judged once.
        self._good_scores: set[str] = set()

    def read(self, source: Any) -> None:
        if not isinstance(source, list):
            self.checks.fault(f.BAD_FORMAT, '"bids" has to be a list of bids.')
            return
        for item in source:
            if isinstance(item, dict):
                self._read_one(item)
            else:
                self.checks.fault(f.BAD_FORMAT, "A bid is a JSON object.")

    def _read_one(self, source: dict[str, Any]) -> None:
        bid = source.get("id") if isinstance(source.get("id"), str) else None
        if self.checks.look_for_repeated_keys:
            self._find_repeated_keys(source, bid)
        if bid is None:
            self.checks.fault(f.BAD_FORMAT, 'The "id" of a bid has to be a text.')
        elif bid in self._ids:
            self.checks.fault(f.DUPLICATE_BID, "This bid is listed twice.", bid=bid)
        else:
            self._ids.add(bid)
        status = self.checks.choice(source.get("status"), STATUSES, "status", bid=bid)
        price = self._read_price(source.get("price"), bid, needed=self.price_needed and status == ADMITTED)
        consensus = self._read_scores(source.get("scores"), bid, needed=status == ADMITTED)
        if bid is not None and status is not None:
            self.bids.append(Bid(bid, status, price, consensus))

    def _read_price(self, value: Any, bid: str | None, *, needed: bool) -> Fraction | None:
        if value is None:
            if needed:
                self.checks.fault(f.MISSING_PRICE, "The price is missing.", bid=bid)
            return None
        price = self.checks.decimal(value, "price", bid=bid)
        if price is not None and price <= 0:
            self.checks.fault(f.BAD_PRICE, '"price" has to be above 0.', bid=bid)
        return price

    def _read_scores(self, scores: Any, bid: str | None, *, needed: bool) -> dict[str, str]:
        consensus: dict[str, str] = {}
        if scores is None:
            scores = {}
        if not isinstance(scores, dict):
            self.checks.fault(f.BAD_FORMAT, '"scores" has to be an object by criterion.', bid=bid)
            return consensus
        for criterion, kind in self.kinds.items():
            entry = scores.get(criterion)
            if kind == PRICE:
                if entry is not None:
                    message = "A price criterion takes no scores."
                    self.checks.fault(f.UNKNOWN_CRITERION, message, bid=bid, criterion=criterion)
                continue
            text = self._read_entry(entry, bid, criterion, needed=needed and kind == GRADED)
            if text is not None:
                consensus[criterion] = text
        self._find_unknown_criteria(scores, bid)
        return consensus

    def _find_unknown_criteria(self, scores: dict[str, Any], bid: str | None) -> None:
        if not self.criteria_listed:
            return
        for criterion in sorted(scores.keys() - self.kinds.keys()):
            if scores[criterion] is not None:
                message = "There is no criterion with this id."
                self.checks.fault(f.UNKNOWN_CRITERION, message, bid=bid, criterion=criterion)

    def _read_entry(self, entry: Any, bid: str | None, criterion: str, *, needed: bool) -> str | None:
        if entry is None:
            entry = {}
        elif not isinstance(entry, dict):
            message = "The scores on a criterion are a JSON object."
            self.checks.fault(f.BAD_FORMAT, message, bid=bid, criterion=criterion)
            return None
        individual = entry.get("individual")
        if individual is not None:
            self._read_individual(individual, bid, criterion)
        consensus = entry.get("consensus")
        if consensus is None:
            if needed:
                self.checks.fault(f.MISSING_SCORE, "The consensus score is missing.", bid=bid, criterion=criterion)
            return None
        return consensus if self._is_score(consensus, "consensus", bid, criterion) else None

    def _read_individual(self, individual: Any, bid: str | None, criterion: str) -> None:
        if not isinstance(individual, dict):
            message = '"individual" has to be an object by evaluator.'
            self.checks.fault(f.BAD_FORMAT, message, bid=bid, criterion=criterion)
            return
        try:
            if self._good_scores.issuperset(individual.values()):
                return
        except TypeError:  # a list or an object in place of a score cannot be in a set
            pass
        for evaluator in sorted(individual):
            self._is_score(individual[evaluator], evaluator, bid, criterion)

    def _is_score(self, value: Any, name: str, bid: str | None, criterion: str) -> bool:
        if isinstance(value, str) and value in self._good_scores:
            return True
        score = self.checks.decimal(value, name, bid=bid, criterion=criterion)
        if score is None:
            return False
        if score < 0 or (self.scale_max is not None and score > self.scale_max):
            message = f'The score "{name}" has to lie from 0 to "scale_max".'
            self.checks.fault(f.SCORE_OUT_OF_RANGE, message, bid=bid, criterion=criterion)
            return False
        self._good_scores.add(value)
        return True

    def _find_repeated_keys(self, source: dict[str, Any], bid: str | None) -> None:
        own = source.repeated if isinstance(source, RepeatedKeys) else ()
        self.checks.repeated(own, bid=bid)
        scores = source.get("scores")
        self.checks.repeated(repeated_keys([v for k, v in source.items() if k != "scores"]), bid=bid)
        if not isinstance(scores, dict):
            self.checks.repeated(repeated_keys(scores), bid=bid)
            return
        twice = scores.repeated if isinstance(scores, RepeatedKeys) else ()
        for criterion, entry in scores.items():
            if criterion in twice:
                self.checks.repeated([criterion], bid=bid, criterion=criterion)
            self.checks.repeated(repeated_keys(entry), bid=bid, criterion=criterion)
