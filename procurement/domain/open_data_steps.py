"""The published steps of a tender, each a release of its own, and what makes a record of them (OCDS 1.1). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from procurement.domain.open_data import Json, Until, last_moment, lean, moment

# The order in which tags are named when several things happened at one moment.
TAGS = (
    "tender", "tenderUpdate", "tenderAmendment", "tenderCancellation", "award", "awardUpdate", "awardCancellation",
    "contract", "contractTermination",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """A moment at which something was published, and what kinds of things."""

    at: datetime
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionFact:
    """A decision that its bidders were told. What came before it was sent is published with it, not earlier."""

    id: int
    segment: str
    award: bool
    sent_at: datetime
    signed_at: datetime | None = None
    standstill_until: date | None = None
    final_at: datetime | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AgainFact:
    """A scoring done again after its bidders were told of a decision. Which bid, and why in words, is not published."""

    id: int
    segment: str
    cause: str
    started_at: datetime
    finished_at: datetime | None


def steps(happened: Iterable[tuple[datetime | None, str]], *, first: datetime) -> list[Step]:
    """The steps in order, the first one the publication itself; what is older than that belongs to it."""
    found: dict[datetime, set[str]] = {first: {"tender"}}
    for at, tag in happened:
        if at is not None:
            found.setdefault(max(at, first), set()).add(tag)
    return [Step(at, tuple(tag for tag in TAGS if tag in tags)) for at, tags in sorted(found.items())]


def decision_steps(decision: DecisionFact) -> list[tuple[datetime | None, str]]:
    """What a decision publishes, and when."""
    if not decision.award:
        return [(decision.sent_at, "tenderUpdate"), (decision.withdrawn_at, "tenderUpdate")]
    return [
        (decision.sent_at, "award"),
        (decision.final_at, "awardUpdate"),
        (decision.withdrawn_at, "awardCancellation"),
    ]


def milestones(decisions: Iterable[DecisionFact], again: Iterable[AgainFact], until: Until) -> list[Json]:
    """What was decided, signed, taken back and judged again, and until when the standstill runs."""
    found: list[Json] = []
    for decision in decisions:
        if until.seen(decision.sent_at):
            found += _of_decision(decision, until)
    return [*found, *(_again(one, until) for one in again if until.seen(one.started_at))]


def _of_decision(decision: DecisionFact, until: Until) -> list[Json]:
    what = "Gunningsbesluit" if decision.award else "Selectiebesluit"
    said = [
        _met(f"signed-{decision.id}", f"{what} ondertekend", "approval", decision, decision.signed_at),
        _met(f"sent-{decision.id}", f"{what} verzonden", "assessment", decision, decision.sent_at),
    ]
    if decision.standstill_until is not None:
        said.append(_standstill(decision, decision.standstill_until, until))
    if until.seen(decision.withdrawn_at):
        said.append(
            _met(f"withdrawn-{decision.id}", f"{what} ingetrokken", "approval", decision, decision.withdrawn_at)
        )
    return [milestone for milestone in said if milestone.get("dateMet") or milestone.get("dueDate")]


def _met(key: str, title: str, kind: str, decision: DecisionFact, at: datetime | None) -> Json:
    return lean(
        {
            "id": key,
            "title": title,
            "type": kind,
            "dateMet": moment(at),
            "status": "met",
            "relatedLots": [decision.segment],
        }
    )


def _standstill(decision: DecisionFact, last: date, until: Until) -> Json:
    final, withdrawn = until.seen(decision.final_at), until.seen(decision.withdrawn_at)
    return lean(
        {
            "id": f"standstill-{decision.id}",
            "title": "Einde van de opschortende termijn (artikel 2.127 Aanbestedingswet 2012)",
            "type": "x_standstill",
            "dueDate": last_moment(last),
            "dateMet": last_moment(last) if final else None,
            "status": "met" if final else "notMet" if withdrawn else "scheduled",
            "relatedLots": [decision.segment],
        }
    )


def _again(again: AgainFact, until: Until) -> Json:
    over = until.seen(again.finished_at)
    return lean(
        {
            "id": f"reevaluation-{again.id}",
            "title": f"Opnieuw beoordeeld: {again.cause.lower()}",
            "type": "x_reevaluation",
            "dateMet": moment(again.finished_at) if over else None,
            "dateModified": moment(again.finished_at if over else again.started_at),
            "status": "met" if over else "scheduled",
            "relatedLots": [again.segment],
        }
    )
