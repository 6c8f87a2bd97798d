"""A deadline passes while PostgreSQL, the worker and web processes are killed: the real processes, on a real disk."""

from __future__ import annotations

import pytest

from contracts.bench.rush_deadline import Crowd, Outcome, deadline_rush
from contracts.bench.rush_stack import Stack, stack

CROWD = Crowd(providers=12, files=3, size=500_000, clients=12, spread=True)
KILLED = ("web", "postgres", "worker", "web")


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    # The servers run under another user where we are root, who has to get through.
    folder = tmp_path_factory.mktemp("rush")
    for above in (folder, *folder.parents[:2]):
        above.chmod(0o755)
    with stack(folder) as portal:
        found = _rushed(portal)
    assert list(folder.iterdir()) == [], "nothing of it is left behind"
    return found


def _rushed(portal: Stack) -> Outcome:
    portal.django("rush_scene", {"do": "prepare"})
    portal.start()
    return deadline_rush(portal, CROWD, kill=KILLED)


def test_everything_that_was_to_be_killed_was(outcome: Outcome) -> None:
    assert [what.split()[0] for what in outcome.killed] == list(KILLED)


def test_nothing_is_lost_doubled_half_or_late(outcome: Outcome) -> None:
    assert outcome.problems == []


def test_who_was_in_time_has_a_receipt_and_who_was_late_was_told(outcome: Outcome) -> None:
    found = outcome.found
    assert found["accepted"] == found["receipts_with_clients"]
    assert found["accepted"] + found["refused_as_late"] == CROWD.providers
    assert found["refused_as_late"] >= CROWD.latecomers
    assert found["accepted"] >= CROWD.providers // 4
    assert found["files"] == found["accepted"] * CROWD.files


def test_the_clients_noticed_and_tried_again(outcome: Outcome) -> None:
    assert outcome.found["tried_again"] > 0
