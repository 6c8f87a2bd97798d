"""The lines of a ranking: what its result says, with the order that was drawn by hand where there is one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from procurement.domain.draw import Place, with_drawn_order
from procurement.models import Ranking, RankingRow
from procurement.selectors.dossier import entries_by_bid
from procurement.selectors.draw import drawn_places

# What of a line a draw by hand settles.
SETTLED = ("position", "rank", "outcome")
Line = tuple[int, int, int | None, str, str, dict[str, str | None]]


def keep_rows(ranking: Ranking) -> None:
    """Write the lines of a new ranking."""
    RankingRow.objects.bulk_create(_rows(ranking))


def settle_rows(ranking: Ranking) -> None:
    """Give the lines of bids that were equal the order that was drawn. The result itself stays as it was computed."""
    wanted = {row.entry_id: row for row in _rows(ranking)}
    rows = list(RankingRow.objects.select_for_update().filter(ranking=ranking))
    for row in rows:
        for name in SETTLED:
            setattr(row, name, getattr(wanted[row.entry_id], name))
    RankingRow.objects.bulk_update(rows, SETTLED)


def expected_lines(ranking: Ranking, drawn: Mapping[str, int] | None = None) -> list[Line]:
    """The lines as they follow from the result and the draw: entry, position, rank, outcome, total and points.

    `drawn`: another order by hand than the one that is recorded now.
    """
    return lines_of(_rows(ranking, drawn))


def lines_of(rows: Iterable[RankingRow]) -> list[Line]:
    """The same of rows that are there."""
    return [(row.entry_id, row.position, row.rank, row.outcome, row.total, row.points) for row in rows]


def _rows(ranking: Ranking, drawn: Mapping[str, int] | None = None) -> list[RankingRow]:
    result = json.loads(ranking.result)
    found: dict[str, dict[str, Any]] = {line["bid"]: line for line in result["ranking"]}
    entries = entries_by_bid(ranking.segment_round)
    places = [Place(line["bid"], line["rank"], line["outcome"]) for line in result["ranking"]]
    order = drawn_places(ranking) if drawn is None else drawn
    settled = with_drawn_order(places, order, result["places"])
    return [
        RankingRow(
            ranking=ranking,
            entry_id=entries[place.bid],
            position=position,
            rank=place.rank,
            outcome=place.outcome,
            total=found[place.bid]["total"] or "",
            points=found[place.bid]["points"],
        )
        for position, place in enumerate(settled, start=1)
    ]
