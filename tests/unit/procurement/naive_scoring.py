"""The rules of ranking a second time, slow and plain, to compare with. Only for dossiers without faults."""

import hashlib
from fractions import Fraction
from typing import Any

Row = tuple[str, int | None, str, Fraction | None, dict[str, Fraction | None]]


def naive_ranking(source: dict[str, Any]) -> list[Row]:
    on_value = source["method"] == "award_on_value"
    bids = source["bids"]
    points = {bid["id"]: _points(source, bid) for bid in bids}
    totals = {bid["id"]: _total(points[bid["id"]], bid, on_value) for bid in bids}
    minimum = source["minimum_total"]
    eligible = []
    rest: list[Row] = []
    for bid in bids:
        name = bid["id"]
        total = totals[name]
        if bid["status"] != "admitted":
            outcome = bid["status"]
        elif _knocked_out(source, bid):
            outcome = "knocked_out"
        elif minimum is not None and total is not None and total < Fraction(minimum):
            outcome = "below_minimum"
        else:
            eligible.append(name)
            continue
        rest.append((name, None, outcome, total, points[name]))

    def key(name: str) -> list[Any]:
        total = totals[name]
        assert total is not None
        ties = [-(points[name][criterion] or 0) for criterion in source["tie_break"]]
        seed = source["draw_seed"]
        draw = [hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()] if seed else []
        return [total if on_value else -total, *ties, *draw]

    rows: list[Row] = []
    places = source["places"]
    for name in sorted(eligible, key=lambda each: (key(each), each)):
        better = sum(key(other) < key(name) for other in eligible)
        equal = sum(key(other) == key(name) for other in eligible)
        if len(eligible) <= places or better + equal <= places:
            outcome = "selected"
        else:
            outcome = "reserve" if better >= places else "pending_draw"
        rows.append((name, better + 1, outcome, totals[name], points[name]))
    return rows + sorted(rest, key=lambda row: row[0])


def _consensus(bid: dict[str, Any], criterion: dict[str, Any]) -> Fraction | None:
    entry = (bid.get("scores") or {}).get(criterion["id"]) or {}
    return None if entry.get("consensus") is None else Fraction(entry["consensus"])


def _knocked_out(source: dict[str, Any], bid: dict[str, Any]) -> bool:
    with_minimum = [each for each in source["criteria"] if each.get("minimum") is not None]
    pairs = [(_consensus(bid, criterion), Fraction(criterion["minimum"])) for criterion in with_minimum]
    return any(score is not None and score < minimum for score, minimum in pairs)


def _points(source: dict[str, Any], bid: dict[str, Any]) -> dict[str, Fraction | None]:
    found: dict[str, Fraction | None] = {}
    price = None if bid["price"] is None else Fraction(bid["price"])
    for criterion in source["criteria"]:
        weight = Fraction(criterion.get("weight") or criterion["max_value"])
        value: Fraction | None = None
        if criterion["kind"] == "graded":
            score = _consensus(bid, criterion)
            value = None if score is None else weight * score / Fraction(source["scale_max"])
        elif price is not None and criterion["formula"] == "absolute_linear":
            low, high = Fraction(criterion["low"]), Fraction(criterion["high"])
            value = max(Fraction(0), min(weight, weight * (high - price) / (high - low)))
        elif price is not None:
            statuses = ["admitted"] + ["dropped"] * (source["on_exclusion"] == "keep_ranking")
            prices = [
                Fraction(other["price"])
                for other in source["bids"]
                if other["status"] in statuses and other["price"] is not None and not _knocked_out(source, other)
            ]
            value = min(weight, weight * min(prices) / price) if prices else None
        found[criterion["id"]] = value
    return found


def _total(points: dict[str, Fraction | None], bid: dict[str, Any], on_value: bool) -> Fraction | None:
    figures = [value for value in points.values() if value is not None]
    if len(figures) < len(points):
        return None
    if not on_value:
        return sum(figures, Fraction(0))
    return None if bid["price"] is None else Fraction(bid["price"]) - sum(figures)
