"""The checks of a requested change of subcontractor that run by themselves. They advise; Team CLM decides.

Each finding is a code with what it found, so that the words stand elsewhere. A `STOP` is what an approval needs a good
answer to, an `ATTENTION` what somebody has to look at. Everything is judged on the day from which the change holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from typing import Final

from contracts.domain.change_coverage import Loss
from contracts.domain.change_terms import HOLDS_MONTHS, holds_until

ADD, STOPS, CHANGES = "add", "stop", "change"
DECLARATION: Final = "self_declaration"


class Mark(IntEnum):
    """How a check came out, from good to bad."""

    OK = 0
    ATTENTION = 1
    STOP = 2


@dataclass(frozen=True, slots=True)
class Document:
    """A piece of evidence as it counts: its kind, and the day on which it was issued where that was said."""

    kind: str
    issued_on: date | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a request, its newcomer and its contract."""

    kind: str
    on: date
    today: date
    last_day: date
    valid_number: bool = True
    known_before: bool = True
    excluded: int = 0
    refused: int = 0
    terminated: int = 0
    documents: tuple[Document, ...] = ()
    requirements: int = 0
    promises: int = 0
    late_promises: int = 0
    clients: int | None = None
    losses: tuple[Loss, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, how it came out, the case of its words, a number or a day in them."""

    code: str
    mark: Mark
    case: str
    count: int = 0
    day: date | None = None


def check(facts: Facts) -> tuple[Finding, ...]:
    """All checks that belong to this kind of change, in the order in which one reads them."""
    found = [_number(facts), _day(facts)]
    if facts.kind == ADD:
        found += [_known(facts), _excluded(facts), _refused(facts), _terminated(facts), _declaration(facts)]
        found += [_document(facts, kind) for kind in HOLDS_MONTHS]
    if facts.kind != STOPS:
        found.append(_requirements(facts))
    if facts.kind != ADD:
        found += [_promises(facts), _coverage(facts), _clients(facts)]
    return tuple(found)


def worst(findings: Iterable[Finding]) -> Mark:
    """The worst of them; nothing looked at is nothing found."""
    return max((finding.mark for finding in findings), default=Mark.OK)


def newest(documents: Iterable[Document], kind: str) -> Document | None:
    """Of several documents of one kind the one issued last; one without a day only where there is no other."""
    return max(_of_kind(documents, kind), key=lambda d: d.issued_on or date.min, default=None)


def _of_kind(documents: Iterable[Document], kind: str) -> Iterator[Document]:
    return (document for document in documents if document.kind == kind)


def _number(facts: Facts) -> Finding:
    return _of("kvk_number", facts.valid_number, Mark.STOP)


def _day(facts: Facts) -> Finding:
    """An approval never works backwards, nor after the contract has ended."""
    if facts.on > facts.last_day:
        return Finding("day", Mark.STOP, "after_the_end", day=facts.last_day)
    if facts.on < facts.today:
        return Finding("day", Mark.ATTENTION, "passed", day=facts.today)
    return Finding("day", Mark.OK, "ok", day=facts.last_day)


def _known(facts: Facts) -> Finding:
    return _of("known", facts.known_before, Mark.ATTENTION)


def _excluded(facts: Facts) -> Finding:
    """Excluded from a tender, in a decision that was sent (Aw 2.86-2.87): what was not sent nobody may know of."""
    return _counted("excluded", facts.excluded, Mark.STOP)


def _refused(facts: Facts) -> Finding:
    return _counted("refused", facts.refused, Mark.ATTENTION)


def _terminated(facts: Facts) -> Finding:
    """A contract that was ended early may be a ground for exclusion (Aw 2.87)."""
    return _counted("terminated", facts.terminated, Mark.ATTENTION)


def _declaration(facts: Facts) -> Finding:
    """The self-declaration says that no ground for exclusion holds (Aw 2.84)."""
    return _of("declaration", newest(facts.documents, DECLARATION) is not None, Mark.STOP)


def _document(facts: Facts, kind: str) -> Finding:
    """Whether this proof still counts on the day itself, the last day of its term included (Aw 2.89)."""
    document = newest(facts.documents, kind)
    if document is None:
        return Finding(kind, Mark.ATTENTION, "missing")
    if document.issued_on is None:
        return Finding(kind, Mark.ATTENTION, "undated")
    if document.issued_on > facts.today:
        return Finding(kind, Mark.STOP, "in_the_future", day=document.issued_on)
    until = holds_until(kind, document.issued_on)
    assert until is not None  # only kinds with a term are asked here
    on = max(facts.on, facts.today)
    return Finding(kind, Mark.OK if on <= until else Mark.STOP, "ok" if on <= until else "expired", day=until)


def _requirements(facts: Facts) -> Finding:
    """The minimum requirements of the segment bind subcontractors too (domain.md, section 1)."""
    if not facts.requirements:
        return Finding("requirements", Mark.OK, "none")
    declared = facts.kind == CHANGES or newest(facts.documents, DECLARATION) is not None
    return Finding(
        "requirements", Mark.OK if declared else Mark.ATTENTION, "ok" if declared else "open", facts.requirements
    )


def _promises(facts: Facts) -> Finding:
    """What the contractor promised in its bid stays promised; some of it may lean on who stops."""
    if facts.late_promises:
        return Finding("promises", Mark.ATTENTION, "late", facts.late_promises)
    return _counted("promises", facts.promises, Mark.ATTENTION)


def _coverage(facts: Facts) -> Finding:
    """In every municipality somebody delivers, and clients have a choice, so two or more (dekkend zorglandschap)."""
    none = sum(loss.after < 1 for loss in facts.losses)
    if none:
        return Finding("coverage", Mark.STOP, "nobody", none)
    return _counted("coverage", len(facts.losses), Mark.ATTENTION)


def _clients(facts: Facts) -> Finding:
    if facts.clients is None:
        return Finding("clients", Mark.ATTENTION, "unknown")
    return _counted("clients", facts.clients, Mark.ATTENTION)


def _of(code: str, good: bool, otherwise: Mark) -> Finding:
    return Finding(code, Mark.OK, "ok") if good else Finding(code, otherwise, "found")


def _counted(code: str, count: int, otherwise: Mark) -> Finding:
    return Finding(code, otherwise, "found", count) if count else Finding(code, Mark.OK, "ok")
