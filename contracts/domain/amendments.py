"""When a contract may be changed without a new tender: the ground that fits, and how much may change on it. Pure.

Small changes (Aw 2.163b) count together, as what they come to on balance: below 10% of the value at the start for
services, and below the European threshold, which is 750,000 euros for social services (Aw 2.6a).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

SMALL, CLAUSE, ADDITIONAL, UNFORESEEN, SUCCESSOR, NOT_SUBSTANTIAL = (
    "2.163b", "2.163c", "2.163d", "2.163e", "2.163f", "2.163g",
)  # fmt: skip
REPLACEMENT, PARTIES = "replacement", "parties"
EU_THRESHOLD = Decimal(750_000)
SMALL_PART = Decimal("0.10")
# Aw 2.163d and 2.163e: each change at most half of the value at the start.
HALF = Decimal("0.50")


@dataclass(frozen=True, slots=True)
class Meter:
    """How much of the room for small changes is used: `net` is what they come to on balance."""

    initial: Decimal
    net: Decimal

    @property
    def limit(self) -> Decimal:
        """What the balance has to stay below, up or down."""
        return min(self.initial * SMALL_PART, EU_THRESHOLD)

    @property
    def percentage(self) -> Decimal:
        """The balance as a part of the value at the start, in percent."""
        return abs(self.net) * 100 / self.initial

    @property
    def room(self) -> Decimal:
        """What the balance can still grow, and has to stay below."""
        return max(self.limit - self.net, Decimal(0))

    def allows(self, change: Decimal) -> bool:
        """Whether this change too leaves the balance below the limit. A change without value always does."""
        return change == 0 or abs(self.net + change) < self.limit


def meter(initial: Decimal, changes: Iterable[Decimal]) -> Meter:
    """The meter of a contract with these small changes in force. Raises `ValueError` without a value at the start."""
    if initial <= 0:
        raise ValueError("there is no value to measure against")
    return Meter(initial, sum(changes, Decimal(0)))


def within_half(initial: Decimal, change: Decimal) -> bool:
    """Whether one change for additional or unforeseen work stays within half of the value at the start."""
    return abs(change) <= initial * HALF


def ground_fits(kind: str, ground: str) -> bool:
    """A contractor is replaced under a clause or by its successor (Aw 2.163c, 2.163f); 2.163f is for that only.

    It holds for a member of a consortium as well.
    """
    if kind == REPLACEMENT:
        return ground in (CLAUSE, SUCCESSOR)
    if kind == PARTIES:
        return member_ground_fits(ground, moves=True) or member_ground_fits(ground, moves=False)
    return ground != SUCCESSOR


def member_ground_fits(ground: str, *, moves: bool) -> bool:
    """Another party is another contractor, so only under a clause or as a successor (Aw 2.163c, 2.163f).

    Those that stay may divide their shares anew where that is not substantial (Aw 2.163g).
    """
    return ground in ((CLAUSE, SUCCESSOR) if moves else (CLAUSE, NOT_SUBSTANTIAL))


def measured(ground: str) -> bool:
    """Whether the value of a change on this ground is measured against that at the start."""
    return ground in (SMALL, ADDITIONAL, UNFORESEEN)
