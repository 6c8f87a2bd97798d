"""The one way in which an event is written as bytes: for its signature, for its link in the chain, for an anchor.

Pure Python, so that the log can also be checked from a dump, without the portal. Parts are netstrings
(`length:bytes,`): no two different events give the same bytes. The database's trigger writes the same for a link
(`achterhoek.audit.triggers`); a test holds the two together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

# What stands before the first link.
GENESIS = bytes(32)


@dataclass(frozen=True, slots=True)
class Event:
    """A row of the log as the database holds it; `detail` is its JSON text, `at` the microseconds since 1970."""

    id: int
    uuid: UUID
    at: str
    actor: int | None
    action: str
    target_type: str
    target_id: str
    target_label: str
    detail: str
    mac: bytes


def netstrings(parts: Iterable[str]) -> bytes:
    """Each part with its length in bytes before it."""
    encoded = (part.encode() for part in parts)
    return b"".join(b"%d:%s," % (len(part), part) for part in encoded)


def canonical_json(text: str) -> str:
    """The same text for the same JSON value, whoever wrote it down: Python before, PostgreSQL after it was stored.

    Keys in order, numbers in full decimals without needless zeros (PostgreSQL writes 1e16 as 10000000000000000).
    """
    return _written(json.loads(text, parse_float=Decimal, parse_int=Decimal))


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{_written(key)}:{_written(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_written(item) for item in value) + "]"
    if isinstance(value, Decimal):
        return _number(value)
    return json.dumps(value, ensure_ascii=False)


def _number(value: Decimal) -> str:
    if not value:
        return "0"
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def signed_content(
    *, uuid: UUID, actor: int | None, action: str, target_type: str, target_id: str, target_label: str, detail: str
) -> bytes:
    """What the portal signs of an event: all it decides itself. Number and moment are the database's, in its link."""
    parts = [str(uuid), _person(actor), action, target_type, target_id, target_label, canonical_json(detail)]
    return netstrings(["audit-event/1", *parts])


def signed_content_of(event: Event) -> bytes:
    return signed_content(
        uuid=event.uuid,
        actor=event.actor,
        action=event.action,
        target_type=event.target_type,
        target_id=event.target_id,
        target_label=event.target_label,
        detail=event.detail,
    )


def link_hash(previous: bytes, event: Event) -> bytes:
    """The hash that stands in the chain for this event, after the one before it."""
    parts = [
        str(event.id),
        str(event.uuid),
        event.at,
        _person(event.actor),
        event.action,
        event.target_type,
        event.target_id,
        event.target_label,
        event.detail,
        event.mac.hex(),
    ]
    return sha256(previous + netstrings(parts)).digest()


def anchor_content(position: int, head: bytes) -> bytes:
    """What the portal signs of an anchor: so far was the chain, and this was its hash."""
    return netstrings(["audit-anchor/1", str(position), head.hex()])


def _person(actor: int | None) -> str:
    return "" if actor is None else str(actor)
