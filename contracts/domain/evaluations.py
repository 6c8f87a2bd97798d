"""The interim evaluation: who may read what, and where both sides differ. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

CONTRACTOR, CLM = "contractor", "clm"
SIDES = (CONTRACTOR, CLM)
LOWEST, HIGHEST = 1, 5
# Marks so far apart are talked about first.
FAR_APART = 2


def readable(reader: str | None, *, done: frozenset[str]) -> frozenset[str]:
    """Whose answers a reader sees: its own always, the other's when both have handed in.

    `reader` is the side that the reader belongs to; None is one who only looks, and sees all or nothing.
    """
    if done.issuperset(SIDES):
        return frozenset(SIDES)
    return frozenset() if reader is None else frozenset({reader})


def mean_mark(marks: Iterable[int | None]) -> Decimal | None:
    """The mean of the marks given, to one decimal; None where none is."""
    given = [mark for mark in marks if mark is not None]
    return round(Decimal(sum(given)) / len(given), 1) if given else None


def far_apart(one: int | None, other: int | None) -> bool:
    """Whether both sides judge very differently."""
    return one is not None and other is not None and abs(one - other) >= FAR_APART
