"""What a submission answered, beside the criteria that it serves."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from procurement.enums import QuestionKind
from procurement.models import Answer, Entry, Question, RequirementConfirmation, SegmentRound
from procurement.selectors.gate import answers_of_entry, confirmations_of_entry


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """A question of the round and the answer to it, None where it was left open."""

    code: str
    title: str
    kind: str
    answer: Answer | None


def answers_by_criterion(
    user: Any, entry: Entry, segment_round: SegmentRound
) -> tuple[dict[str, list[AnswerRow]], list[AnswerRow]]:
    """The answers that serve a criterion, by its code, and the others; what the gate lets through only.

    Quality is judged before anybody sees a price: until then not even the question is shown.
    """
    answers = {answer.question_id: answer for answer in answers_of_entry(user, entry)}
    questions = (
        Question.objects.filter(round_id=segment_round.round_id)
        .filter(Q(segment__isnull=True) | Q(segment_id=segment_round.segment_id))
        .exclude(Q(kind=QuestionKind.PRICE) & ~Q(pk__in=answers))
    )
    by_criterion: dict[str, list[AnswerRow]] = defaultdict(list)
    others: list[AnswerRow] = []
    rows = questions.values_list("pk", "code", "title", "kind", "criterion_code")
    for pk, code, title, kind, criterion_code in rows:
        row = AnswerRow(code, title, kind, answers.get(pk))
        (by_criterion[criterion_code] if criterion_code else others).append(row)
    return dict(by_criterion), others


def confirmations_by_requirement(user: Any, entry: Entry) -> dict[int, RequirementConfirmation]:
    """What the submitter itself stated on each minimum requirement."""
    return {stated.requirement_id: stated for stated in confirmations_of_entry(user, entry)}
