"""Interim evaluations: of whom, whose answers a reader sees, and what was agreed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role, in_regions_of
from contracts.domain.evaluations import CLM, CONTRACTOR, SIDES, far_apart, mean_mark, readable
from contracts.enums import ContractStatus, EvaluationStatus
from contracts.models import Agreement, Contract, EvaluationAnswer, EvaluationQuestion, InterimEvaluation
from contracts.rules import is_contractor
from procurement.models import Segment, Tender
from procurement.rules import works_for_region


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question with what both sides answered, as far as the reader may see it."""

    question: EvaluationQuestion
    answers: dict[str, EvaluationAnswer]

    @property
    def contractor(self) -> EvaluationAnswer | None:
        return self.answers.get(CONTRACTOR)

    @property
    def clm(self) -> EvaluationAnswer | None:
        return self.answers.get(CLM)

    @property
    def far_apart(self) -> bool:
        one, other = self.contractor, self.clm
        return one is not None and other is not None and far_apart(one.mark, other.mark)


@dataclass(frozen=True, slots=True)
class EvaluationPage:
    """An evaluation as one reader sees it. `side` is whose answers this reader gives; None looks only."""

    evaluation: InterimEvaluation
    rows: list[QuestionRow]
    side: str | None
    sees: frozenset[str]
    done: frozenset[str]

    @property
    def may_answer(self) -> bool:
        return self.side is not None and self.side not in self.done

    @property
    def sees_both(self) -> bool:
        return self.sees == frozenset(SIDES)

    @property
    def means(self) -> dict[str, Decimal | None]:
        """The mean mark of each side that may be read."""
        answers = [answer for row in self.rows for answer in row.answers.values()]
        return {side: mean_mark(one.mark for one in answers if one.side == side) for side in self.sees}


def done_sides(evaluation: InterimEvaluation) -> frozenset[str]:
    """The sides that have handed in."""
    return frozenset(side for side in SIDES if getattr(evaluation, f"{side}_done_at") is not None)


def evaluations_of(user: Any) -> QuerySet[InterimEvaluation]:
    """Evaluations that this user may see, for lists and pages."""
    return (
        InterimEvaluation.objects.visible_to(user)
        .select_related(
            "contract__contractor", "contract__consortium", "contract__segment__tender__region", "concluded_by"
        )
        .prefetch_related(Prefetch("agreements", Agreement.objects.order_by("sequence")))
    )


def evaluation_page(user: Any, contract_id: int, year: int) -> EvaluationPage | None:
    """One evaluation. Answers that this reader may not see yet are not even read from the database."""
    evaluation = evaluations_of(user).filter(contract=contract_id, year=year).first()
    if evaluation is None:
        return None
    side = side_of(user, evaluation.contract)
    done = done_sides(evaluation)
    sees = readable(side, done=done)
    answers: dict[int, dict[str, EvaluationAnswer]] = {}
    for answer in EvaluationAnswer.objects.filter(evaluation=evaluation, side__in=sees).select_related("answered_by"):
        answers.setdefault(answer.question_id, {})[answer.side] = answer
    questions = EvaluationQuestion.objects.filter(
        region=evaluation.contract.segment.tender.region_id, year=year
    ).order_by("position")
    rows = [QuestionRow(question, answers.get(question.pk, {})) for question in questions]
    return EvaluationPage(evaluation, rows, side, sees, done)


def side_of(user: Any, contract: Contract) -> str | None:
    """The side for which this user answers; None where it only looks."""
    if is_contractor(user, contract):
        return CONTRACTOR
    return CLM if works_for_region(user, contract.segment.tender, Role.CLM) else None


def tenders_to_evaluate(user: Any) -> QuerySet[Tender]:
    """The tenders with contracts in force of which Team CLM may open the evaluation."""
    if not has_role(user, Role.CLM):
        return Tender.objects.none()
    held = in_regions_of(user, Role.CLM, field="region")
    return Tender.objects.filter(held, segments__contracts__status=ContractStatus.ACTIVE).distinct().order_by("title")


def questionnaire_years(tenders: QuerySet[Tender]) -> list[int]:
    """The years for which questions are put, the newest first."""
    rows = EvaluationQuestion.objects.filter(region__in=tenders.values("region"))
    return sorted(set(rows.values_list("year", flat=True)), reverse=True)


@dataclass(frozen=True, slots=True)
class EvaluationGroup:
    """The evaluations of a year in one segment, each with the mean mark of both sides."""

    year: int
    segment: Segment
    rows: list[tuple[InterimEvaluation, Decimal | None, Decimal | None]]
    unfolded: bool

    @property
    def open(self) -> int:
        """How many are not concluded."""
        return sum(row.status == EvaluationStatus.OPEN for row, _contractor, _clm in self.rows)


def evaluation_groups(user: Any) -> list[EvaluationGroup]:
    """All evaluations that this user may see, the last year on top; of one year and segment alone unfolded."""
    found = list(evaluations_of(user).order_by("-year", "contract__segment__position", "contract__number"))
    means = means_of(found)
    groups: dict[tuple[int, int], EvaluationGroup] = {}
    alone = len({(row.year, row.contract.segment_id) for row in found}) == 1
    for row in found:
        segment = row.contract.segment
        group = groups.setdefault((row.year, segment.pk), EvaluationGroup(row.year, segment, [], alone))
        group.rows.append((row, means.get((row.pk, CONTRACTOR)), means.get((row.pk, CLM))))
    return list(groups.values())


def open_agreements(user: Any) -> list[Agreement]:
    """What was agreed and is not done, the first due on top."""
    rows = Agreement.objects.filter(evaluation__in=InterimEvaluation.objects.visible_to(user), done_on__isnull=True)
    return list(
        rows.select_related("evaluation__contract__contractor", "evaluation__contract__consortium").order_by("due_on")
    )


def last_concluded(contract: Contract) -> InterimEvaluation | None:
    """The evaluation that counts beside an option: the last one that was concluded."""
    rows = InterimEvaluation.objects.filter(contract=contract, concluded_at__isnull=False).order_by("-year")
    return rows.prefetch_related("agreements").first()


def means_of(evaluations: Sequence[InterimEvaluation]) -> dict[tuple[int, str], Decimal | None]:
    """The mean mark of each side, of the evaluations in which both have handed in; one query."""
    both = [one.pk for one in evaluations if done_sides(one) == frozenset(SIDES)]
    marks: dict[tuple[int, str], list[int | None]] = {}
    rows = EvaluationAnswer.objects.filter(evaluation__in=both).values_list("evaluation", "side", "mark")
    for pk, side, mark in rows:
        marks.setdefault((pk, side), []).append(mark)
    return {key: mean_mark(given) for key, given in marks.items()}


def is_answered(question: EvaluationQuestion) -> bool:
    """Whether a question has answers, so that it can no longer be another question."""
    return EvaluationAnswer.objects.filter(question=question.pk).exists()
