"""What differs between two days of the register: who came and who went, with whom, and where. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contracts.domain.register import ContractLine, Register, folded


class What(StrEnum):
    """What a fact is about, in the order in which people read it."""

    CONTRACTOR = "contractor"
    SUBCONTRACTOR = "subcontractor"
    MUNICIPALITY = "municipality"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing the register says: somebody is a contractor or a subcontractor in a contract, or it holds somewhere.

    `key` is a KvK number or a municipality's short name; `detail` is the work of a subcontractor, so that other work
    is told as a change.
    """

    what: What
    contract: str
    segment: str
    partner: str
    key: str
    name: str
    detail: str = ""

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What makes it the same fact: a new name or a moved office is no difference."""
        return self.what, self.contract, self.key, self.detail


@dataclass(frozen=True, slots=True)
class Run:
    """A contract of which the last day became another one."""

    contract: str
    segment: str
    partner: str
    before: date
    after: date


@dataclass(frozen=True, slots=True)
class Sides:
    """What is new, and what is no longer there."""

    added: tuple[Fact, ...]
    ended: tuple[Fact, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.ended)


@dataclass(frozen=True, slots=True)
class Difference:
    """From the register on one day to that on another."""

    before: date
    after: date
    contractors: Sides
    subcontractors: Sides
    municipalities: Sides
    runs: tuple[Run, ...]
    # The contracts that stand in both lists.
    lasting: frozenset[str]

    @property
    def moved(self) -> Sides:
        """The municipalities that came or went in a contract of both lists; those of a new one come with it."""
        said = self.municipalities
        return Sides(
            tuple(fact for fact in said.added if fact.contract in self.lasting),
            tuple(fact for fact in said.ended if fact.contract in self.lasting),
        )

    @property
    def is_empty(self) -> bool:
        return not (self.contractors or self.subcontractors or self.municipalities or self.runs)


def facts_of(register: Register) -> Iterator[Fact]:
    """All that the register says, one by one."""
    for line in register.contracts:
        yield from _facts(line)


def _facts(line: ContractLine) -> Iterator[Fact]:
    said = (line.number, line.segment.name, line.name)
    for held in line.parties:
        yield Fact(What.CONTRACTOR, *said, held.party.kvk_number, held.party.name)
    for sub in line.subcontractors:
        yield Fact(What.SUBCONTRACTOR, *said, sub.party.kvk_number, sub.party.name, sub.part_of_work)
    for place in line.places:
        yield Fact(What.MUNICIPALITY, *said, place.place.slug, place.place.name)


def difference(before: Register, after: Register) -> Difference:
    """What one has to know to make the second list out of the first."""
    old = {fact.identity: fact for fact in facts_of(before)}
    new = {fact.identity: fact for fact in facts_of(after)}
    added = [fact for identity, fact in new.items() if identity not in old]
    ended = [fact for identity, fact in old.items() if identity not in new]

    def sides(what: What) -> Sides:
        return Sides(_sorted(f for f in added if f.what == what), _sorted(f for f in ended if f.what == what))

    return Difference(
        before=before.on,
        after=after.on,
        contractors=sides(What.CONTRACTOR),
        subcontractors=sides(What.SUBCONTRACTOR),
        municipalities=sides(What.MUNICIPALITY),
        runs=tuple(_runs(before, after)),
        lasting=frozenset(line.number for line in before.contracts) & {line.number for line in after.contracts},
    )


def _sorted(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple(sorted(facts, key=lambda f: (folded(f.partner), f.contract, folded(f.name), f.detail)))


def _runs(before: Register, after: Register) -> Iterator[Run]:
    old = {line.number: line.until for line in before.contracts}
    for line in sorted(after.contracts, key=lambda one: one.sort_key):
        if old.get(line.number, line.until) != line.until:
            yield Run(line.number, line.segment.name, line.name, old[line.number], line.until)


def difference_json(found: Difference) -> dict[str, object]:
    """The same for a program."""
    return {
        "from": found.before.isoformat(),
        "to": found.after.isoformat(),
        "contractors": _sides_json(found.contractors),
        "subcontractors": _sides_json(found.subcontractors),
        "municipalities": _sides_json(found.municipalities),
        "runs": [
            {
                "contract": run.contract, "segment": run.segment, "partner": run.partner,
                "until_before": run.before.isoformat(), "until_after": run.after.isoformat(),
            }
            for run in found.runs
        ],
    }  # fmt: skip


def _sides_json(sides: Sides) -> dict[str, object]:
    return {"added": [_fact_json(f) for f in sides.added], "ended": [_fact_json(f) for f in sides.ended]}


def _fact_json(fact: Fact) -> dict[str, str]:
    who = "slug" if fact.what == What.MUNICIPALITY else "kvk_number"
    found = {
        "contract": fact.contract, "segment": fact.segment, "partner": fact.partner, who: fact.key, "name": fact.name,
    }  # fmt: skip
    return {**found, "part_of_work": fact.detail} if fact.what == What.SUBCONTRACTOR else found
