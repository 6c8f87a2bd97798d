"""Scoring dossiers for the tests, as plain JSON values."""

from typing import Any


def graded(identifier: str, weight: str = "10", minimum: str | None = None, **more: Any) -> dict[str, Any]:
    return {"id": identifier, "kind": "graded", "weight": weight, "minimum": minimum, **more}


def valued(identifier: str, max_value: str) -> dict[str, Any]:
    return {"id": identifier, "kind": "graded", "max_value": max_value, "minimum": None}


def relative(weight: str = "40", identifier: str = "P") -> dict[str, Any]:
    return {"id": identifier, "kind": "price", "weight": weight, "formula": "relative_lowest"}


def linear(low: str, high: str, weight: str = "40", identifier: str = "P") -> dict[str, Any]:
    formula = {"formula": "absolute_linear", "low": low, "high": high}
    return {"id": identifier, "kind": "price", "weight": weight, **formula}


def bid(
    identifier: str, scores: dict[str, str] | None = None, price: str | None = None, status: str = "admitted"
) -> dict[str, Any]:
    entries = {criterion: {"consensus": score} for criterion, score in (scores or {}).items()}
    return {"id": identifier, "status": status, "price": price, "scores": entries}


def dossier(criteria: list[Any], bids: list[Any], **more: Any) -> dict[str, Any]:
    return {
        "format": "scoring-dossier/1",
        "method": "weighted_points",
        "scale_max": "10",
        "places": 1,
        "minimum_total": None,
        "tie_break": [],
        "draw_seed": None,
        "on_exclusion": "keep_ranking",
        "criteria": criteria,
        "bids": bids,
        **more,
    }
