"""Several changes at once, with one reason or one question: each is its own step, with its own line in the log."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from achterhoek.accounts.models import User
from achterhoek.errors import RuleViolation
from achterhoek.region.models import Municipality
from contracts.enums import ChangeStatus
from contracts.models import SubcontractorChange
from contracts.services.change_decisions import decide_change
from contracts.services.change_talk import ask_advice


@dataclass(frozen=True)
class Together:
    """What came of it: how many were done, and which were not, each with the reason."""

    done: int
    refused: tuple[tuple[SubcontractorChange, str], ...]


def refuse_together(*, changes: Iterable[SubcontractorChange], reason: str, by: User) -> Together:
    """Refuse several requests for one reason. One that somebody else decided meanwhile does not hold up the others."""

    def refuse(change: SubcontractorChange) -> None:
        decide_change(change=change, outcome=ChangeStatus.REFUSED, reason=reason, by=by)

    return _each(changes, refuse)


def advise_together(
    *,
    changes: Iterable[SubcontractorChange],
    municipalities: list[Municipality],
    question: str,
    due_on: date,
    by: User,
) -> Together:
    """Ask the same municipalities to advise on several requests."""

    def ask(change: SubcontractorChange) -> None:
        ask_advice(change=change, municipalities=municipalities, question=question, due_on=due_on, by=by)

    return _each(changes, ask)


def _each(changes: Iterable[SubcontractorChange], step: Callable[[SubcontractorChange], object]) -> Together:
    done, refused = 0, []
    for change in changes:
        try:
            step(change)
        except RuleViolation as broken:
            refused.append((change, broken.message))
        else:
            done += 1
    return Together(done, tuple(refused))
