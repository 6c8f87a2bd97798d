"""What an earlier submission of the same organisation holds that a draft asks too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from procurement.enums import Custody, RoundStatus
from procurement.models import Question, Requirement, Submission
from procurement.selectors.checklist import Checklist, Item
from procurement.selectors.content import Content, Given, is_being_filled_in
from procurement.selectors.gate import content_for

COPY, FILLED, SKIPPED = "copy", "filled", "skipped"


@dataclass(frozen=True)
class Earlier:
    """An earlier submission. `shared`: how many of the draft's questions it was asked too."""

    submission: Submission
    shared: int
    withheld: bool


@dataclass(frozen=True)
class Line:
    """One answer that could be copied, and what becomes of it (COPY, FILLED: something stands there, SKIPPED)."""

    part: str
    item: Item
    given: Given
    state: str


Place = tuple[str, str, str]
"""The slug of a segment (or nothing), the code, and the kind of a question; a requirement has no kind."""


def places(round_ids: list[int]) -> dict[int, dict[int, set[Place]]]:
    """What each of these rounds asks, by segment (0: asked once); two queries."""
    found: dict[int, dict[int, set[Place]]] = {pk: {} for pk in round_ids}
    rows: list[Any] = [
        *Question.objects.filter(round__in=round_ids).select_related("segment"),
        *Requirement.objects.filter(round__in=round_ids).select_related("segment"),
    ]
    for row in rows:
        found[row.round_id].setdefault(row.segment_id or 0, set()).add(_place(row))
    return found


def _place(row: Any) -> Place:
    return (row.segment.slug if row.segment else "", row.code, row.kind if isinstance(row, Question) else "")


def earlier_submissions(user: Any, submission: Submission) -> list[Earlier]:
    """Other submissions of this organisation, the newest first; five queries, whatever their number."""
    rows = (
        Submission.objects.visible_to(user)
        .filter(organisation=submission.organisation_id)
        .exclude(pk=submission.pk)
        .select_related("round__tender")
        .prefetch_related("entries")
        .order_by("-created_at")
    )
    found = list(rows)
    asked = places([submission.round_id, *{row.round_id for row in found}])
    here = _asked_of(submission, asked)
    return [Earlier(row, len(here & _asked_of(row, asked)), is_withheld(row)) for row in found]


def _asked_of(submission: Submission, asked: dict[int, dict[int, set[Place]]]) -> set[Place]:
    keys = [0, *(entry.segment_id for entry in submission.entries.all())]
    return set().union(*(asked[submission.round_id].get(key, set()) for key in keys))


def is_withheld(submission: Submission) -> bool:
    """Handed in under a key that only custodians have: nobody can read it, so nobody can copy it."""
    sealed = not is_being_filled_in(submission) and submission.round.status != RoundStatus.OPENED
    return sealed and submission.round.tender.custody == Custody.CUSTODIANS


def copy_plan(user: Any, state: Checklist, source: Submission) -> list[Line]:
    """What of this earlier submission fits in the draft of this checklist, in the order of its form."""
    content: Content = content_for(user, source)
    given: dict[Place, Given] = {}
    for question in Question.objects.filter(round=source.round_id).select_related("segment"):
        if question.pk in content.answers:
            given[_place(question)] = content.answers[question.pk]
    for requirement in Requirement.objects.filter(round=source.round_id).select_related("segment"):
        if requirement.pk in content.confirmations:
            given[_place(requirement)] = content.confirmations[requirement.pk]
    lines = []
    for section in state.sections:
        for item in section.items:
            kind = item.question.kind if item.question else ""
            held = given.get((section.segment.slug if section.segment else "", item.code, kind))
            if held is not None and (held.file is not None or held.value.plain):
                lines.append(Line(section.title, item, held, _state(item, held)))
    return lines


def _state(item: Item, held: Given) -> str:
    now = item.given
    if now is not None and (now.file is not None or now.value.plain or now.alternatives):
        return FILLED
    return SKIPPED if held.file is not None and not held.file.is_shown else COPY
