"""Dividing bids among evaluators: evenly, never to somebody with an interest, and the same for whoever replays it.

Everything follows from the seed and from names that everybody in the file knows: the numbers of the bids and the
e-mail addresses of the members. Order is that of sha256 over "seed|name" in hexadecimal.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Division:
    """Who scores each bid, and the bids for which there were too few members."""

    members_of: Mapping[str, frozenset[str]]
    short: tuple[str, ...]

    def load(self) -> Counter[str]:
        """How many bids each member has; who has none is not counted."""
        return Counter(member for found in self.members_of.values() for member in found)


def place(seed: str, name: str) -> str:
    """Where something stands in the order that the seed gives."""
    return sha256(f"{seed}|{name}".encode()).hexdigest()


def divide(
    *,
    bids: Collection[str],
    members: Collection[str],
    per_bid: int,
    seed: str,
    conflicts: Collection[Pair] = (),
    kept: Collection[Pair] = (),
) -> Division:
    """Give every bid `per_bid` members; `conflicts` and `kept` are pairs of (member, bid).

    Bids come in the order of the seed; each takes those who may and have the fewest so far, at the same number the
    first by the seed. Then bids move from who has more to who has at least two fewer, until none can: nobody can
    divide more evenly, and without conflicts the numbers differ by one at most. What is `kept` stays where it is.
    """
    barred = set(conflicts)
    fixed = {pair for pair in kept if pair not in barred}
    given: dict[str, set[str]] = {bid: {m for m in members if (m, bid) in fixed} for bid in bids}
    load = Counter(dict.fromkeys(members, 0))
    load.update(member for found in given.values() for member in found)
    for bid in sorted(given, key=lambda name: place(seed, name)):
        free = [m for m in members if m not in given[bid] and (m, bid) not in barred]
        free.sort(key=lambda m: (load[m], place(seed, f"{bid}|{m}")))
        for member in free[: max(0, per_bid - len(given[bid]))]:
            given[bid].add(member)
            load[member] += 1
    _level(given, load, barred, fixed, seed)
    short = tuple(sorted(bid for bid, found in given.items() if len(found) < per_bid))
    return Division({bid: frozenset(found) for bid, found in given.items()}, short)


def substitute(
    *, bid: str, members: Iterable[str], load: Mapping[str, int], barred: Collection[str], seed: str
) -> str | None:
    """Who takes over one bid: of those who may, who has the fewest; at the same number the first by the seed."""
    free = [m for m in members if m not in barred]
    return min(free, key=lambda m: (load.get(m, 0), place(seed, f"{bid}|{m}")), default=None)


def _level(given: dict[str, set[str]], load: Counter[str], barred: set[Pair], fixed: set[Pair], seed: str) -> None:
    """Move bids along chains of members for as long as that makes the numbers more even."""
    order = sorted(load, key=lambda member: place(seed, member))
    bids = sorted(given, key=lambda bid: place(seed, bid))
    while True:
        for start in sorted(order, key=lambda member: -load[member]):
            chain = _chain(start, order, bids, given, load, barred, fixed)
            if chain:
                break
        else:
            return
        for giver, taker, bid in chain:
            given[bid].discard(giver)
            given[bid].add(taker)
        load[chain[0][0]] -= 1
        load[chain[-1][1]] += 1


def _chain(
    start: str,
    order: list[str],
    bids: list[str],
    given: dict[str, set[str]],
    load: Counter[str],
    barred: set[Pair],
    fixed: set[Pair],
) -> list[tuple[str, str, str]]:
    """The moves (from, to, bid) from this member to one with at least two fewer; none where there is no way."""
    came: dict[str, tuple[str, str]] = {}
    queue = deque([start])
    while queue:
        giver = queue.popleft()
        own = [bid for bid in bids if giver in given[bid] and (giver, bid) not in fixed]
        for taker in order:
            if taker == start or taker in came:
                continue
            bid = next((b for b in own if taker not in given[b] and (taker, b) not in barred), None)
            if bid is None:
                continue
            came[taker] = (giver, bid)
            if load[taker] <= load[start] - 2:
                return _back(taker, start, came)
            queue.append(taker)
    return []


def _back(end: str, start: str, came: Mapping[str, tuple[str, str]]) -> list[tuple[str, str, str]]:
    moves: list[tuple[str, str, str]] = []
    while end != start:
        giver, bid = came[end]
        moves.append((giver, end, bid))
        end = giver
    return moves[::-1]
