"""The register by organisation: what each one does, in which contracts, in what role. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from contracts.domain.register import ContractLine, Party, Register, SegmentLine, folded


@dataclass(frozen=True, slots=True)
class Work:
    """What an organisation does in one contract."""

    contract: str
    partner: str
    segment: SegmentLine
    role: str
    part_of_work: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Provider:
    """An organisation with all it does."""

    party: Party
    works: tuple[Work, ...]


def providers(register: Register, search: str = "") -> list[Provider]:
    """All organisations in the list by name; with `search` those whose own name has it."""
    found: dict[str, tuple[Party, list[Work]]] = {}
    for line in register.contracts:
        for party, work in _works(line):
            found.setdefault(party.kvk_number, (party, []))[1].append(work)
    wanted = folded(search)
    listed = [Provider(party, tuple(works)) for party, works in found.values() if wanted in folded(party.name)]
    return sorted(listed, key=lambda one: (folded(one.party.name), one.party.kvk_number))


def _works(line: ContractLine) -> Iterator[tuple[Party, Work]]:
    for held in line.parties:
        role = ("lead" if held.is_lead else "member") if line.consortium else "contractor"
        yield held.party, Work(line.number, line.name, line.segment, role, "", held.since, held.until)
    for sub in line.subcontractors:
        yield (
            sub.party,
            Work(line.number, line.name, line.segment, "subcontractor", sub.part_of_work, sub.since, sub.until),
        )


def provider_json(provider: Provider) -> dict[str, object]:
    """The same for a program."""
    party = provider.party
    return {
        **{name: getattr(party, name) for name in Party.__dataclass_fields__},
        "registrations": [
            {
                "contract": work.contract, "partner": work.partner,
                "segment": {"slug": work.segment.slug, "name": work.segment.name}, "role": work.role,
                "part_of_work": work.part_of_work, "from": work.since, "until": work.until,
            }
            for work in provider.works
        ],
    }  # fmt: skip
