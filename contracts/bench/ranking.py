"""Ranking a dossier, beside reading the same individual scores out of PostgreSQL."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg

from contracts.bench.registry import Row, Sizes, benchmark, medians
from contracts.bench.scratch import scratch_database
from procurement.domain.scoring import FORMAT, dossier_text, rank_json

SCALE = ("2", "4", "6", "8", "10")
PLACES_PER_BID = 0.1


@benchmark("ranking")
def ranking(sizes: Sizes) -> Iterator[Row]:
    """From the dossier's text to the ranking's text: reading, checking, digest, points, order.

    The floor is the least that any ranking needs: to fetch the rows that the scores are stored in. How it grows:
    the seconds at each size beside those at the smallest times as many bids as there are more, so 1 is linear.
    """
    taken = []
    for bids in sorted({*sizes.growth, sizes.bids}):
        row = _ranked(replace(sizes, bids=bids))
        taken.append((bids, row.figure))
        yield row
    smallest, seconds = taken[0]
    for bids, figure in taken[1:]:
        yield Row(
            f"growth from {smallest} to {bids} bids", figure, "s", seconds * bids / smallest,
            f"{bids // smallest} x the time for {smallest}",
        )  # fmt: skip


def _ranked(sizes: Sizes) -> Row:
    dossier = make_dossier(sizes)
    text = dossier_text(dossier)
    with scratch_database() as database:
        count = _store(database, dossier)
        figure, floor = medians(sizes.runs, lambda: _rank(text), lambda: _read(database, count))
    name = f"rank {sizes.bids} bids x {sizes.criteria} criteria x {sizes.evaluators} evaluators"
    return Row(name, figure, "s", floor, f"fetching {count} score rows from PostgreSQL")


def make_dossier(sizes: Sizes) -> dict[str, Any]:
    """A dossier with scores at random, the same for the same sizes."""
    chance = random.Random(2022)  # noqa: S311 - repeatable, nothing secret
    codes = [f"C{number}" for number in range(1, sizes.criteria + 1)]
    return {
        "format": FORMAT,
        "method": "weighted_points",
        "scale_max": "10",
        "places": max(1, int(sizes.bids * PLACES_PER_BID)),
        "minimum_total": "60",
        "tie_break": codes[:2],
        "draw_seed": "measured",
        "on_exclusion": "keep_ranking",
        "criteria": [{"id": code, "kind": "graded", "weight": str(100 / len(codes)), "minimum": "4"} for code in codes],
        "bids": [
            {
                "id": f"B{number}",
                "status": "admitted",
                "scores": {code: _score(chance, sizes.evaluators) for code in codes},
            }
            for number in range(1, sizes.bids + 1)
        ],
    }


def _score(chance: random.Random, evaluators: int) -> dict[str, Any]:
    given = {f"e{number}": chance.choice(SCALE) for number in range(1, evaluators + 1)}
    return {"individual": given, "consensus": chance.choice(list(given.values()))}


def _store(database: psycopg.Connection[Any], dossier: dict[str, Any]) -> int:
    database.execute("CREATE TABLE score (bid text, criterion text, evaluator text, value numeric)")
    count = 0
    with database.cursor() as cursor, cursor.copy("COPY score FROM STDIN") as copy:
        for bid in dossier["bids"]:
            for code, score in bid["scores"].items():
                for evaluator, value in score["individual"].items():
                    copy.write_row((bid["id"], code, evaluator, value))
                    count += 1
    database.execute("ANALYZE score")
    return count


def _rank(text: str) -> None:
    outcome = rank_json(text)
    if not outcome.ok:
        raise RuntimeError(outcome.text)


def _read(database: psycopg.Connection[Any], count: int) -> None:
    rows = database.execute("SELECT bid, criterion, evaluator, value FROM score").fetchall()
    if len(rows) != count:
        raise RuntimeError("rows are missing")
