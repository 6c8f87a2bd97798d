"""The measurements run, beside their floors, and leave nothing behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from achterhoek.audit.models import AuditEvent
from contracts.bench import BENCHMARKS, Row, Sizes, benchmark, scratch
from contracts.bench.ranking import make_dossier
from contracts.management.commands import bench
from procurement.domain.scoring import dossier_text, rank_json
from procurement.models import Entry
from tests import template

TINY = Sizes(
    runs=1,
    bids=6,
    criteria=2,
    evaluators=2,
    growth=(3,),
    overview=3,
    overview_criteria=2,
    seats=2,
    letters=1,
    processes=2,
    providers=8,
    versions=2,
)


@pytest.fixture
def made(db: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The databases that this test's measurements make. With the tables in it, as the migrations made them once."""
    make, names = scratch._made, []

    @contextmanager
    def noted(begins_as: str) -> Iterator[str]:
        with make(begins_as) as name:
            names.append(name)
            yield name

    monkeypatch.setattr(scratch, "_made", noted)
    monkeypatch.setattr(scratch, "PORTAL", template.with_tables())
    return names


def left_behind(made: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname = ANY(%s)", [made])
        return [name for (name,) in cursor.fetchall()]


@pytest.mark.parametrize("name", ["ranking", "letters", "register"])
def test_every_figure_stands_beside_a_floor(name: str, made: list[str]) -> None:
    rows = list(BENCHMARKS[name](TINY))
    assert rows
    for row in rows:
        assert row.figure > 0
        assert row.floor > 0
        assert row.floor_is
    assert made
    assert left_behind(made) == []


@pytest.mark.django_db
def test_the_table_is_printed_and_kept_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "QUICK", TINY)
    said = StringIO()
    call_command("bench", "ranking", "--quick", folder=tmp_path, stdout=said)
    (kept,) = tmp_path.glob("*.json")
    found = json.loads(kept.read_text())
    _smaller, row, growth = found["results"]["ranking"]
    assert growth["name"] == "growth from 3 to 6 bids"
    assert row["name"] == "rank 6 bids x 2 criteria x 2 evaluators"
    assert row["ratio"] == pytest.approx(row["figure"] / row["floor"], abs=0.001)
    assert row["name"] in said.getvalue()
    assert str(kept) in said.getvalue()


def test_the_measured_dossier_is_of_the_size_it_says_and_ranks() -> None:
    dossier = make_dossier(TINY)
    given = [v for bid in dossier["bids"] for score in bid["scores"].values() for v in score["individual"]]
    assert len(given) == 6 * 2 * 2
    assert rank_json(dossier_text(dossier)).ok


def test_a_rate_of_half_the_floor_is_a_ratio_of_two() -> None:
    assert Row("x", 5, "letters/s", 10, "y").ratio == 2
    assert Row("x", 20, "s", 10, "y").ratio == 2


def test_a_name_is_given_once() -> None:
    with pytest.raises(ValueError, match="ranking"):
        benchmark("ranking")(lambda sizes: [])


def test_an_evaluation_is_measured_in_a_portal_of_its_own(made: list[str]) -> None:
    rows = list(BENCHMARKS["evaluation"](TINY))
    assert len(rows) == 10
    assert all("queries" in row.name and row.figure > 0 and row.floor > 0 for row in rows)
    assert not Entry.objects.exists()
    assert not AuditEvent.objects.exists()
    assert made
    assert left_behind(made) == []
