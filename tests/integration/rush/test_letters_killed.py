"""A batch of letters while worker, queue, database and mail server are killed: the real processes, on a real disk."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from contracts.bench.letters_killed import batch_killed, prepare
from contracts.bench.rush_stack import stack

LETTERS, KILLS, SEED = 24, 4, 18


@pytest.mark.long
def test_every_bidder_has_one_letter_and_one_message_id() -> None:
    """At the end every bidder has one letter and one entry in the outbox, all are sent at one moment, and no letter
    arrived under two Message-IDs."""
    with tempfile.TemporaryDirectory(prefix="achterhoek-letters-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with stack(folder) as portal:
            prepare(portal)
            outcome = batch_killed(portal, letters=LETTERS, kills=KILLS, seed=SEED)
        assert list(folder.iterdir()) == [], "nothing of it is left behind"
    assert outcome.problems == []
    assert len(outcome.killed) >= KILLS - 1
