"""The public register on one day: who has a contract for what, where, and with which subcontractors. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation as the public may know it."""

    name: str
    legal_form: str
    kvk_number: str
    agb_code: str
    city: str
    website: str = ""


@dataclass(frozen=True, slots=True)
class SubcontractorLine:
    """Onderaannemer: what it does, and between which days (both included; no end is: as long as the contract)."""

    party: Party
    part_of_work: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A municipality of a region."""

    region: str
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """What is contracted: a segment of a lot of a tender."""

    id: int
    slug: str
    name: str
    lot: str
    tender: str
    region: str


@dataclass(frozen=True, slots=True)
class ContractLine:
    """One contract: the contractor, or a consortium with its lead and members (which counts as one)."""

    number: str
    segment: SegmentLine
    contractor: Party
    consortium: str
    members: tuple[Party, ...]
    subsegments: tuple[str, ...]
    municipalities: tuple[Place, ...]
    since: date
    until: date
    subcontractors: tuple[SubcontractorLine, ...]

    @property
    def name(self) -> str:
        """The name in the list: the consortium's, or else the contractor's."""
        return self.consortium or self.contractor.name

    @property
    def names(self) -> tuple[str, ...]:
        """All names under which somebody may look for it."""
        parties = (self.contractor, *self.members, *(s.party for s in self.subcontractors))
        return (self.name, *(p.name for p in parties))


@dataclass(frozen=True, slots=True)
class Version:
    """ "Versie 27 juni 2024": the last day on which the published list changed, and why."""

    date: date
    note: str


@dataclass(frozen=True, slots=True)
class Register:
    """The register as it stood on `on`."""

    on: date
    version: Version | None
    contracts: tuple[ContractLine, ...]

    @property
    def partner_count(self) -> int:
        """Contract partners; a consortium counts as one (001_422a0b480e5412d9.txt)."""
        return len({c.name for c in self.contracts})

    @property
    def subcontractor_count(self) -> int:
        return len({s.party.kvk_number for c in self.contracts for s in c.subcontractors})


def narrowed(register: Register, *, segment: str = "", municipality: str = "", search: str = "") -> Register:
    """The same register with only what is asked for: a segment, a municipality, a name (or part of one)."""
    wanted = folded(search)
    kept = tuple(
        line
        for line in register.contracts
        if (not segment or line.segment.slug == segment)
        and (not municipality or any(place.slug == municipality for place in line.municipalities))
        and (not wanted or any(wanted in folded(name) for name in line.names))
    )
    return replace(register, contracts=kept)


def by_segment(register: Register) -> list[tuple[SegmentLine, list[ContractLine]]]:
    """The contracts under the heading of their segment, in the order in which they stand."""
    groups: dict[int, tuple[SegmentLine, list[ContractLine]]] = {}
    for line in register.contracts:
        groups.setdefault(line.segment.id, (line.segment, []))[1].append(line)
    return list(groups.values())


def partners_in(register: Register) -> dict[Place, int]:
    """How many contract partners work in each municipality."""
    found: dict[Place, set[str]] = {}
    for line in register.contracts:
        for place in line.municipalities:
            found.setdefault(place, set()).add(line.name)
    return {place: len(names) for place, names in found.items()}


def folded(text: str) -> str:
    """Text without capitals, accents and double spaces, so that `Cooperatie` finds `Coöperatie`."""
    plain = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())
