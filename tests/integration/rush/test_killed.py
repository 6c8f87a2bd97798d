"""A deadline passes while PostgreSQL, the worker and web processes are killed: the real processes, on a real disk."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from contracts.bench.rush_deadline import Crowd, Outcome, deadline_rush
from contracts.bench.rush_stack import Stack, stack
from tests import template

CROWD = Crowd(providers=12, files=3, size=500_000, clients=12, spread=True)
KILLED = ("web", "postgres", "worker", "web")


def _rushed(portal: Stack) -> Outcome:
    template.pour(portal.environment["DATABASE_URL"])
    portal.django("rush_scene", {"do": "prepare"})
    portal.start()
    return deadline_rush(portal, CROWD, kill=KILLED)


@pytest.mark.long
@pytest.mark.usefixtures("django_db_setup")
def test_nothing_is_lost_doubled_half_or_late() -> None:
    """Who was in time has a receipt, who was late was told, and all that was accepted lies whole in the vault."""
    # Not pytest's own folder: that is closed to the user under whom the servers run where we are root.
    with tempfile.TemporaryDirectory(prefix="achterhoek-rush-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with stack(folder) as portal:
            outcome = _rushed(portal)
        assert list(folder.iterdir()) == [], "nothing of it is left behind"
    assert outcome.problems == []
    assert [what.split()[0] for what in outcome.killed] == list(KILLED)
    found = outcome.found
    assert found["accepted"] == found["receipts_with_clients"]
    assert found["accepted"] + found["refused_as_late"] == CROWD.providers
    assert found["refused_as_late"] >= CROWD.latecomers
    assert found["accepted"] >= CROWD.providers // 4
    assert found["files"] == found["accepted"] * CROWD.files
    assert found["tried_again"] > 0, "the clients noticed that something was killed"
