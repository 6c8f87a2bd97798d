"""Writers of the interim evaluation: opened, answered by both sides, discussed, concluded, and followed up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now, database_today
from achterhoek.errors import RuleViolation
from achterhoek.transitions.services import transition
from contracts.domain.evaluations import HIGHEST, LOWEST
from contracts.domain.states import INTERIM_EVALUATION
from contracts.enums import ContractStatus, EvaluationSide, EvaluationStatus
from contracts.models import Agreement, Contract, EvaluationAnswer, EvaluationQuestion, InterimEvaluation
from contracts.services.evaluation_mail import mail_opened
from contracts.services.results import require_member, require_no_person
from procurement.models import Tender
from procurement.rules import require_role

LONGEST_TEXT = 4000


@dataclass(frozen=True, slots=True)
class Answer:
    """What one side says to one question."""

    mark: int | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class ToDo:
    """An adjustment that both sides agree on."""

    text: str
    due_on: date


@transaction.atomic
def open_evaluations(*, tender: Tender, year: int, due_on: date, by: User) -> list[InterimEvaluation]:
    """Open the evaluation of a year for all contracts of a tender that are in force; those that were opened before.

    Raises `NotAllowed`; `RuleViolation` where no question is put for that year, or the day to answer has passed.
    """
    # Two members of Team CLM open one after the other: the second one is told that it was done.
    tender = Tender.objects.select_for_update(of=("self",)).get(pk=tender.pk)
    require_role(by, tender, Role.CLM)
    if due_on < database_today():
        raise RuleViolation(_("Choose a day from today on."), field="due_on")
    if not EvaluationQuestion.objects.filter(region=tender.region_id, year=year).exists():
        raise RuleViolation(
            _("There is no questionnaire for %(year)d yet. Write its questions first.") % {"year": year}, field="year"
        )
    waiting = Contract.objects.filter(segment__tender=tender, status=ContractStatus.ACTIVE)
    waiting = waiting.exclude(evaluations__year=year).order_by("number")
    made = InterimEvaluation.objects.bulk_create(
        [InterimEvaluation(contract=one, year=year, due_on=due_on) for one in waiting]
    )
    if not made:
        raise RuleViolation(_("The evaluation of this year was opened already for all contracts in force."), "year")
    for row in made:
        detail = {"contract": row.contract.number, "year": year, "due_on": due_on.isoformat()}
        record("contracts.interimevaluation.open", by=by, target=row, detail=detail)
    mail_opened(made)
    return made


@transaction.atomic
def save_answers(*, evaluation: InterimEvaluation, side: str, answers: Mapping[int, Answer], by: User) -> None:
    """Keep what one side answered so far; the other side does not see it. Raises `NotAllowed`, `RuleViolation`."""
    evaluation = _to_answer(evaluation, side, by)
    _write(evaluation, side, answers, by)


@transaction.atomic
def hand_in_answers(*, evaluation: InterimEvaluation, side: str, answers: Mapping[int, Answer], by: User) -> None:
    """Hand in the answers of one side, for good. When both sides have, each reads the other's.

    Raises `NotAllowed`; `RuleViolation` beside its field where a mark lacks.
    """
    evaluation = _to_answer(evaluation, side, by)
    _write(evaluation, side, answers, by)
    given = dict(evaluation.answers.filter(side=side).values_list("question", "mark"))
    for question in questions_of(evaluation):
        if given.get(question.pk) is None:
            raise RuleViolation(_("Give a mark from 1 to 5."), field=f"mark-{question.pk}")
    setattr(evaluation, f"{side}_done_at", database_now())
    setattr(evaluation, f"{side}_done_by", by)
    evaluation.save(update_fields=[f"{side}_done_at", f"{side}_done_by"])
    detail = {"contract": evaluation.contract.number, "year": evaluation.year, "side": side}
    record("contracts.interimevaluation.answer", by=by, target=evaluation, detail=detail)


def questions_of(evaluation: InterimEvaluation) -> list[EvaluationQuestion]:
    """The questionnaire of the year, in its order."""
    region = evaluation.contract.segment.tender.region_id
    return list(EvaluationQuestion.objects.filter(region=region, year=evaluation.year).order_by("position"))


def _write(evaluation: InterimEvaluation, side: str, answers: Mapping[int, Answer], by: User) -> None:
    for question in questions_of(evaluation):
        answer = answers.get(question.pk)
        if answer is None:
            continue
        if answer.mark is not None and not LOWEST <= answer.mark <= HIGHEST:
            raise RuleViolation(_("Give a mark from 1 to 5."), field=f"mark-{question.pk}")
        text = answer.text.strip()
        require_no_person(text, field=f"text-{question.pk}")
        if len(text) > LONGEST_TEXT:
            raise RuleViolation(_("This text is too long."), field=f"text-{question.pk}")
        EvaluationAnswer.objects.update_or_create(
            evaluation=evaluation, question=question, side=side,
            defaults={"mark": answer.mark, "text": text, "answered_by": by},
        )  # fmt: skip


@transaction.atomic
def conclude_evaluation(
    *, evaluation: InterimEvaluation, met_on: date, conclusion: str, advice: str, agreed: Sequence[ToDo], by: User
) -> InterimEvaluation:
    """Write down the conversation: its day, the conclusion, the advice on the extension, and what was agreed.

    Raises `NotAllowed`; `RuleViolation` where a side has not answered yet, or something lacks.
    """
    evaluation = _locked(evaluation)
    require_role(by, evaluation.contract.segment.tender, Role.CLM)
    if evaluation.contractor_done_at is None or evaluation.clm_done_at is None:
        raise RuleViolation(_("Both sides have to hand in their answers first."))
    if met_on > database_today():
        raise RuleViolation(_("This day is still to come. Give the day on which you met."), field="met_on")
    if not conclusion.strip():
        raise RuleViolation(_("Write down the conclusion. The contractor reads it."), field="conclusion")
    for field, text in (("conclusion", conclusion), ("advice", advice), *(("agreed", one.text) for one in agreed)):
        require_no_person(text, field=field)
    evaluation = transition(
        evaluation, EvaluationStatus.CONCLUDED, by=by, table=INTERIM_EVALUATION,
        detail={"contract": evaluation.contract.number, "year": evaluation.year, "agreements": len(agreed)},
        met_on=met_on, conclusion=conclusion.strip(), advice=advice.strip(), concluded_by=by,
        concluded_at=database_now(),
    )  # fmt: skip
    Agreement.objects.bulk_create(
        Agreement(evaluation=evaluation, sequence=number, text=one.text.strip(), due_on=one.due_on)
        for number, one in enumerate(agreed, start=1)
    )
    return evaluation


@transaction.atomic
def finish_agreement(*, agreement: Agreement, on: date, remark: str, by: User) -> Agreement:
    """An agreed adjustment was done, on this day. Raises `NotAllowed`, `RuleViolation`."""
    agreement = Agreement.objects.select_for_update(of=("self",)).get(pk=agreement.pk)
    evaluation = agreement.evaluation
    require_role(by, evaluation.contract.segment.tender, Role.CLM)
    if agreement.done_on is not None:
        raise RuleViolation(_("It is recorded already that this was done."))
    if on > database_today():
        raise RuleViolation(_("This day is still to come. Give the day on which it was done."), field="on")
    require_no_person(remark, field="remark")
    agreement.done_on, agreement.remark = on, remark.strip()
    agreement.save(update_fields=["done_on", "remark"])
    detail = {"contract": evaluation.contract.number, "number": agreement.sequence, "on": on.isoformat()}
    record("contracts.agreement.finish", by=by, target=agreement, detail=detail)
    return agreement


def _locked(evaluation: InterimEvaluation) -> InterimEvaluation:
    rows = InterimEvaluation.objects.select_for_update(of=("self",))
    return rows.select_related("contract__segment__tender", "contract__contractor").get(pk=evaluation.pk)


def _to_answer(evaluation: InterimEvaluation, side: str, by: User) -> InterimEvaluation:
    evaluation = _locked(evaluation)
    if side == EvaluationSide.CONTRACTOR:
        require_member(evaluation.contract, by)
    else:
        require_role(by, evaluation.contract.segment.tender, Role.CLM)
    if evaluation.status != EvaluationStatus.OPEN or getattr(evaluation, f"{side}_done_at") is not None:
        raise RuleViolation(_("These answers were handed in. They can no longer be changed."))
    return evaluation
