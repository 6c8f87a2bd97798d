"""Who is in a consortium after an amendment: members that join or leave, and what share each has. Pure.

The lead (penvoerder, Aw 2.52) does not just leave: that is another contractor, which is a replacement (Aw 2.163f). So
somebody always stays. The shares of those that have one are a hundred percent together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

JOIN, LEAVE, SHARE = "join", "leave", "share"
WHOLE = Decimal(100)

# Why a set of steps cannot be.
NOTHING, TWICE, LEAD, STRANGER, ALREADY, NO_PERCENTAGE, NOT_WHOLE = (
    "nothing", "twice", "lead", "stranger", "already", "no_percentage", "not_whole",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in the consortium, by a key; its share in percent where it has one."""

    key: int
    share: Decimal | None
    is_lead: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What happens with one organisation."""

    key: int
    what: str
    share: Decimal | None = None


class StepRefused(ValueError):
    """A step that cannot be: why, and of whom; nobody where it is about all of them together."""

    def __init__(self, why: str, key: int | None = None) -> None:
        super().__init__(why)
        self.why, self.key = why, key


def after(members: Sequence[Member], steps: Iterable[Step]) -> list[Member]:
    """The members once all of this has happened. Raises `StepRefused` at the first step that cannot be."""
    found = {member.key: member for member in members}
    seen: set[int] = set()
    for step in steps:
        if step.key in seen:
            raise StepRefused(TWICE, step.key)
        seen.add(step.key)
        _take(found, step)
    if list(found.values()) == list(members):
        raise StepRefused(NOTHING)
    given = [member.share for member in found.values() if member.share is not None]
    if given and sum(given) != WHOLE:
        raise StepRefused(NOT_WHOLE)
    return list(found.values())


def _take(found: dict[int, Member], step: Step) -> None:
    member = found.get(step.key)
    if step.what == JOIN:
        if member is not None:
            raise StepRefused(ALREADY, step.key)
        member = Member(step.key, None)
    elif member is None:
        raise StepRefused(STRANGER, step.key)
    elif step.what == LEAVE:
        if member.is_lead:
            raise StepRefused(LEAD, step.key)
        del found[step.key]
        return
    if step.share is not None and not 0 < step.share <= WHOLE:
        raise StepRefused(NO_PERCENTAGE, step.key)
    found[step.key] = replace(member, share=step.share)


def moves(steps: Iterable[Step]) -> bool:
    """Whether somebody joins or leaves, and not only shares change."""
    return any(step.what != SHARE for step in steps)


def sum_of(members: Sequence[Member], steps: Iterable[Step]) -> Decimal:
    """What the shares would come to together."""
    shares = {member.key: member.share for member in members}
    for step in steps:
        shares[step.key] = None if step.what == LEAVE else step.share
    return sum((share for share in shares.values() if share is not None), Decimal(0))
