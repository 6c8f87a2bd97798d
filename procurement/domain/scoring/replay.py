"""Run a stored dossier again, and say where the outcome differs from the stored one."""

import json
from dataclasses import dataclass
from typing import Any

from procurement.domain.scoring.engine import rank_json


@dataclass(frozen=True, slots=True)
class Replay:
    """`same`: byte for byte what was stored. Otherwise the differences, in plain words, and the new text."""

    same: bool
    differences: tuple[str, ...]
    text: str

    def __bool__(self) -> bool:
        return self.same


def replay(dossier: str | bytes, stored_result: str | bytes) -> Replay:
    """Rank a stored dossier again and compare with the stored result (a refusal is a result too)."""
    text = rank_json(dossier).text
    stored_bytes = stored_result if isinstance(stored_result, bytes) else stored_result.encode()
    if stored_bytes.rstrip(b"\n") == text.encode():
        return Replay(True, (), text)
    return Replay(False, tuple(_differences(stored_bytes, text)) or ("only the writing differs",), text)


def _differences(stored: bytes, text: str) -> list[str]:
    try:
        before = json.loads(stored)
    except (ValueError, RecursionError):
        return ["the stored result is not JSON"]
    after = json.loads(text)
    if not isinstance(before, dict):
        return ["the stored result is not an object"]
    found = [
        f"{key}: {before.get(key)!r} was stored, {after.get(key)!r} follows"
        for key in ("format", "digest", "places", "errors")
        if before.get(key) != after.get(key)
    ]
    rows_before, rows_after = _by_bid(before.get("ranking")), _by_bid(after.get("ranking"))
    for bid in sorted(rows_before.keys() | rows_after.keys()):
        found += _row_differences(bid, rows_before.get(bid, {}), rows_after.get(bid, {}))
    return found


def _by_bid(ranking: Any) -> dict[str, dict[str, Any]]:
    rows = ranking if isinstance(ranking, list) else []
    return {str(row.get("bid")): row for row in rows if isinstance(row, dict)}


def _row_differences(bid: str, before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    if not before or not after:
        return [f"{bid}: only in the {'stored' if before else 'new'} result"]
    return [
        f"{bid}, {key}: {before.get(key)!r} was stored, {after.get(key)!r} follows"
        for key in ("rank", "outcome", "total", "points")
        if before.get(key) != after.get(key)
    ]
