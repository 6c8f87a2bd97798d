"""How far the care of clients has gone over to another contract: numbers, no persons. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

# How long before its end a contract without arrangements is a signal, and how long after it it stays one.
AHEAD, AFTER = timedelta(days=365), timedelta(days=183)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many clients are handed over, of how many, and whether that should have been all."""

    clients: int
    handed_over: int
    counted_on: date | None
    is_late: bool

    @property
    def left(self) -> int:
        return self.clients - self.handed_over

    @property
    def is_complete(self) -> bool:
        return self.left == 0


def progress(clients: int, counts: Iterable[tuple[date, int]], due_on: date, today: date, *, runs: bool) -> Progress:
    """The last count tells how far it is; too late is what runs on after its day with clients left.

    `runs`: neither done nor dropped.
    """
    last = max(counts, default=None)
    handed_over = min(last[1], clients) if last else 0
    late = runs and due_on < today and handed_over < clients
    return Progress(clients, handed_over, last[0] if last else None, late)


def asks_for_arrangement(ends_on: date, today: date) -> bool:
    """Whether an end is so near, or so short ago, that clients have to be thought of now."""
    return today - AFTER <= ends_on <= today + AHEAD
