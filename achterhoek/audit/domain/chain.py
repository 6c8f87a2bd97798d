"""Walk the chain of the log, and say in words what does not fit.

The rows come one by one, in the order of the chain, so that a log of any length is checked in little memory.
Each row goes on from the hash that is stored, so that one change is one finding and not a finding for every row
after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from achterhoek.audit.domain.canonical import GENESIS, Event, anchor_content, link_hash, signed_content_of

# Whether this signature was made by the portal over these bytes.
IsOurs = Callable[[bytes, bytes], bool]


@dataclass(frozen=True, slots=True)
class Link:
    position: int
    event: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Anchor:
    position: int
    hash: bytes
    mac: bytes


@dataclass(frozen=True, slots=True)
class Row:
    """A position of the chain, with all that the database has for it; an event without a link comes last."""

    link: Link | None = None
    event: Event | None = None
    anchor: Anchor | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit: which event (None: none, or not known), where in the chain, and what is wrong.

    `row` names what lies outside the log and does not fit what the log says of it.
    """

    event: int | None
    position: int | None
    wrong: str
    row: str = ""

    def __str__(self) -> str:
        where = [
            self.row,
            f"event {self.event}" if self.event is not None else "",
            f"position {self.position}" if self.position is not None else "",
        ]
        return f"{', '.join(part for part in where if part) or 'the log'}: {self.wrong}"


@dataclass(slots=True)
class Walk:
    """One check of the whole log. After `findings` is used up, the rest says how far the chain goes."""

    is_ours: IsOurs
    # Anchors that were kept elsewhere: position and hash, which the one who keeps them vouches for.
    kept: Mapping[int, bytes] = field(default_factory=dict)
    events: int = 0
    anchors: int = 0
    position: int = 0
    head: bytes = GENESIS
    # The furthest anchor whose link is not there.
    _loose: int = 0

    def findings(self, rows: Iterable[Row]) -> Iterator[Finding]:
        for row in rows:
            if row.event is not None:
                self.events += 1
                yield from self._signature(row.event)
                if row.link is None:
                    yield Finding(
                        row.event.id, None, "is not in the chain: it was put in past the portal, or its link is gone"
                    )
            if row.link is not None:
                yield from self._step(row.link, row.event)
            if row.anchor is not None:
                yield from self._anchor(row.anchor, row.link)
        if self._loose > self.position:
            yield Finding(
                None, self._loose, f"there is an anchor, but the chain ends at {self.position}: the end was cut off"
            )
        for position in sorted(self.kept):
            if position > self.position:
                yield Finding(
                    None,
                    position,
                    f"the anchor you gave lies beyond the end of the chain ({self.position}): the end was cut off",
                )

    @property
    def end(self) -> str:
        """How far the chain goes, as people keep it."""
        return f"{self.position}:{self.head.hex()}"

    def _signature(self, event: Event) -> Iterator[Finding]:
        try:
            signed = self.is_ours(signed_content_of(event), event.mac)
        except RecursionError:  # details nested deeper than the portal ever writes
            signed = False
        if not signed:
            yield Finding(
                event.id,
                None,
                "its content was changed, or the portal never wrote it (no key in AUDIT_KEYS signed this)",
            )

    def _step(self, link: Link, event: Event | None) -> Iterator[Finding]:
        missing = link.position - self.position - 1
        if missing < 0:
            yield Finding(link.event, link.position, "stands in the chain twice")
        elif missing == 1:
            yield Finding(None, link.position - 1, "is missing from the chain: an event and its link were removed")
        elif missing:
            yield Finding(
                None,
                None,
                f"positions {self.position + 1} to {link.position - 1} are missing from the chain: "
                "events and their links were removed",
            )
        if event is None:
            yield Finding(link.event, link.position, "the event is gone, its link is still there")
        elif not missing and link_hash(self.head, event) != link.hash:
            yield Finding(
                event.id,
                link.position,
                "does not fit the chain: its content, moment or place was changed, or the link before it",
            )
        self.position, self.head = link.position, link.hash
        if link.position in self.kept and self.kept[link.position] != link.hash:
            yield Finding(
                link.event,
                link.position,
                f"the anchor you gave has another hash than the chain ({link.hash.hex()}): the chain was rewritten",
            )

    def _anchor(self, anchor: Anchor, link: Link | None) -> Iterator[Finding]:
        self.anchors += 1
        if not self.is_ours(anchor_content(anchor.position, anchor.hash), anchor.mac):
            yield Finding(
                None, anchor.position, "the anchor was not made by the portal (no key in AUDIT_KEYS signed it)"
            )
        elif link is None:
            self._loose = max(self._loose, anchor.position)
        elif anchor.hash != link.hash:
            yield Finding(
                link.event,
                anchor.position,
                "the anchor has another hash than the chain: the chain was rewritten",
            )
