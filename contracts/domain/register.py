"""The public register on one day: who has a contract for what, where, and with which subcontractors. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation as the public may know it. Its e-mail address is for letters, and not told."""

    name: str
    legal_form: str
    kvk_number: str
    agb_code: str
    city: str
    website: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A subsegment: one kind of help within a segment."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class PartyLine:
    """Somebody the contract is with: the one contractor, or a member of the consortium, from and until."""

    party: Party
    is_lead: bool
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class SubcontractorLine:
    """Onderaannemer: what it does, and between which days (both included; no end is: as long as the contract)."""

    party: Party
    part_of_work: str
    since: date
    until: date | None
    subsegments: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A municipality of a region."""

    region: str
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """A municipality for which the contract holds, from and until."""

    place: Place
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """What is contracted: a segment of a lot of a tender. Its short name is its own within the tender."""

    slug: str
    name: str
    lot: str
    tender_slug: str
    tender: str
    region: str

    @property
    def key(self) -> str:
        """What tells segments of several tenders apart."""
        return f"{self.tender_slug}-{self.slug}"


@dataclass(frozen=True, slots=True)
class ContractLine:
    """One contract on one day: its contractor, or a consortium with its lead and members (which counts as one)."""

    number: str
    segment: SegmentLine
    consortium: str
    parties: tuple[PartyLine, ...]
    subsegments: tuple[Part, ...]
    places: tuple[PlaceLine, ...]
    since: date
    until: date
    subcontractors: tuple[SubcontractorLine, ...]

    @property
    def lead(self) -> PartyLine:
        """Who signed: the contractor, or of a consortium its lead (penvoerder, Aw 2.52)."""
        return next((line for line in self.parties if line.is_lead), self.parties[0])

    @property
    def contractor(self) -> Party:
        return self.lead.party

    @property
    def members(self) -> tuple[Party, ...]:
        """The members of a consortium, its lead among them; of a single contractor none."""
        return tuple(line.party for line in self.parties) if self.consortium else ()

    @property
    def municipalities(self) -> tuple[Place, ...]:
        return tuple(line.place for line in self.places)

    @property
    def name(self) -> str:
        """The name in the list: the consortium's, or else the contractor's."""
        return self.consortium or self.contractor.name

    @property
    def names(self) -> tuple[str, ...]:
        """All names under which somebody may look for it."""
        found = (*(p.party for p in self.parties), *(s.party for s in self.subcontractors))
        return (self.name, *(party.name for party in found))

    @property
    def sort_key(self) -> tuple[str, str]:
        return folded(self.name), self.number


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


def run_around(day: date, spans: Iterable[tuple[date, date | None]]) -> tuple[date, date | None]:
    """The first and the last day around this one, of spans that follow each other without a day between.

    Raises `ValueError` where none of them holds on that day.
    """
    runs: list[tuple[date, date | None]] = []
    for start, end in sorted(spans, key=lambda span: span[0]):
        if runs and runs[-1][1] == start - timedelta(days=1):
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    found = [(start, end) for start, end in runs if start <= day and (end is None or day <= end)]
    if not found:
        raise ValueError("nothing holds on this day")
    return found[0]


def narrowed(
    register: Register, *, segment: str = "", subsegment: str = "", municipality: str = "", search: str = ""
) -> Register:
    """The same register with only what is asked for: a kind of help, a municipality, a name (or part of one)."""
    wanted = folded(search)
    kept: Iterable[ContractLine] = register.contracts
    if segment:
        kept = (line for line in kept if line.segment.slug == segment)
    if subsegment:
        kept = (line for line in kept if any(part.slug == subsegment for part in line.subsegments))
    if municipality:
        kept = (line for line in kept if any(held.place.slug == municipality for held in line.places))
    if wanted:
        kept = (line for line in kept if any(wanted in folded(name) for name in line.names))
    return replace(register, contracts=tuple(kept))


def by_segment(contracts: Iterable[ContractLine]) -> list[tuple[SegmentLine, list[ContractLine]]]:
    """The contracts under the heading of their segment, in the order in which they stand."""
    groups: dict[str, tuple[SegmentLine, list[ContractLine]]] = {}
    for line in contracts:
        groups.setdefault(line.segment.key, (line.segment, []))[1].append(line)
    return list(groups.values())


def partners_in(register: Register) -> dict[Place, int]:
    """How many contract partners work in each municipality."""
    # Most contracts hold in the same municipalities: those are counted together.
    together: dict[tuple[int, ...], tuple[tuple[PlaceLine, ...], set[str]]] = {}
    for line in register.contracts:
        together.setdefault(tuple(map(id, line.places)), (line.places, set()))[1].add(line.name)
    found: dict[Place, set[str]] = {}
    for places, names in together.values():
        for held in places:
            found.setdefault(held.place, set()).update(names)
    return {place: len(names) for place, names in found.items()}


def folded(text: str) -> str:
    """Text without capitals, accents and double spaces, so that `Cooperatie` finds `Coöperatie`."""
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(text.casefold().split())
