"""The parties behind a bid: about each of them an evaluator says whether there is an interest (Aw 1.10b, 2.132)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

BIDDER, CONSORTIUM_MEMBER, SUBCONTRACTOR = "bidder", "consortium_member", "subcontractor"


@dataclass(frozen=True, slots=True, order=True)
class Party:
    """One organisation and what it is in the bid: bidder, consortium_member or subcontractor."""

    name: str
    kvk_number: str
    part: str


def parties_digest(parties: Iterable[Party]) -> str:
    """Tells whether the parties have changed. Who they are and what they are count; a new name or order does not."""
    lines = sorted({(party.kvk_number, party.part) for party in parties})
    return "sha256:" + sha256(json.dumps(lines, separators=(",", ":")).encode()).hexdigest()


def mail_domain(address: str) -> str:
    """What stands behind the at sign, in small letters; empty where there is none."""
    return address.strip().rpartition("@")[2].lower() if "@" in address else ""
