"""Drawing lots between equal bids (loting): a promise made beforehand that anybody can check, or an order by hand.

With a seed: first its sha256 is published, later the seed itself. The lot of a bid is sha256 of `seed:bid`, and
the lowest comes first (scoring-dossier/1, rule 4). Nobody could choose the seed to suit a bidder: it was fixed
before the scores were.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from procurement.domain.scoring import draw_number

PREFIX: Final = "sha256:"
SELECTED: Final = "selected"
RESERVE: Final = "reserve"
PENDING: Final = "pending_draw"


@dataclass(frozen=True, slots=True)
class Place:
    """One line of a ranking: the bid, its rank (None where it takes none) and its outcome."""

    bid: str
    rank: int | None
    outcome: str


def commitment(seed: str) -> str:
    """What is published of a seed beforehand."""
    return PREFIX + hashlib.sha256(seed.encode()).hexdigest()


def keeps_promise(seed: str, promised: str) -> bool:
    """Whether this is the seed that was promised."""
    return hmac.compare_digest(commitment(seed), promised)


def lots(seed: str, bids: Iterable[str]) -> list[tuple[str, str]]:
    """Each bid with its lot, in the order of the draw."""
    drawn = ((bid, draw_number(seed, bid)) for bid in bids)
    return sorted(drawn, key=lambda pair: (pair[1], pair[0]))


def equal_bids(places: Iterable[Place]) -> list[str]:
    """Which bids wait for a draw."""
    return [place.bid for place in places if place.outcome == PENDING]


def settles(drawn: Mapping[str, int], places: Iterable[Place]) -> bool:
    """Whether an order drawn by hand names every bid that waits."""
    waiting = equal_bids(places)
    return bool(waiting) and all(bid in drawn for bid in waiting)


def with_drawn_order(places: Sequence[Place], drawn: Mapping[str, int], cut: int) -> list[Place]:
    """The ranking with the order that was drawn by hand among the equal bids at the cut.

    Each takes a rank of its own, as it would with a seed. Without an order for all that wait nothing changes.
    """
    if not settles(drawn, places):
        return list(places)
    before = next(index for index, place in enumerate(places) if place.outcome == PENDING)
    waiting = sorted((place for place in places if place.outcome == PENDING), key=lambda place: drawn[place.bid])
    settled = [
        replace(place, rank=rank, outcome=SELECTED if rank <= cut else RESERVE)
        for rank, place in enumerate(waiting, start=before + 1)
    ]
    return [*places[:before], *settled, *places[before + len(settled) :]]
