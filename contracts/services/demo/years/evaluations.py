"""The interim evaluation of 2024: answered by both sides, discussed, concluded, and what was agreed done or not yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from contracts.enums import EvaluationSide, EvaluationStatus, TermStatus
from contracts.models import Agreement, EvaluationAnswer, EvaluationQuestion, InterimEvaluation
from contracts.services.demo.years.base import Run, Years, at, months_after

_DAY = timedelta(days=1)
GOOD, POOR = 3.8, 2.7


def evaluate(years: Years) -> None:
    """Of all contracts that ran when it was opened."""
    said = years.said["evaluation"]
    if said["met_from"] + timedelta(days=60) > years.today:
        return
    questions = EvaluationQuestion.objects.bulk_create(
        EvaluationQuestion(region=years.tender.region, year=said["year"], position=number, text=text)
        for number, text in enumerate(said["questions"], start=1)
    )
    runs = [run for run in years.runs if run.contract.start <= said["opened_on"] <= run.last]
    marks = {run.number: _marks(years, run, len(questions)) for run in runs}
    made = InterimEvaluation.objects.bulk_create(_evaluation(years, run, marks[run.number]) for run in runs)
    EvaluationAnswer.objects.bulk_create(
        answer
        for run, one in zip(runs, made, strict=True)
        for answer in _answers(years, run, one, questions, marks[run.number])
    )
    Agreement.objects.bulk_create(
        row for run, one in zip(runs, made, strict=True) for row in _agreements(years, run, one)
    )


def _marks(years: Years, run: Run, count: int) -> list[tuple[int, int]]:
    """Of each question what the contractor gives, and Team CLM: mostly a little less."""
    dice = run.dice("evaluation")
    middle = 2.6 if run.number in years.said["results"]["weak"] else dice.gauss(3.9, 0.45)
    found = []
    for _question in range(count):
        own = min(max(round(dice.gauss(middle + 0.3, 0.6)), 1), 5)
        found.append((own, min(max(own + dice.choice((-2, -1, -1, 0, 0, 0, 1)), 1), 5)))
    return found


def _evaluation(years: Years, run: Run, marks: list[tuple[int, int]]) -> InterimEvaluation:
    said = years.said["evaluation"]
    mean = sum(mark for pair in marks for mark in pair) / (2 * len(marks))
    judged = "good" if mean >= GOOD else "poor" if mean < POOR else "fair"
    dice = run.dice("evaluated")
    met_on: date = said["met_from"] + dice.randint(0, 40) * _DAY
    met_on -= max(met_on.weekday() - 4, 0) * _DAY
    return InterimEvaluation(
        contract=run.contract, year=said["year"], status=EvaluationStatus.CONCLUDED, due_on=said["due_on"],
        contractor_done_at=at(said["due_on"] - dice.randint(0, 14) * _DAY, 16), contractor_done_by=run.signer,
        clm_done_at=at(said["due_on"] - dice.randint(0, 5) * _DAY, 12), clm_done_by=years.clm,
        conclusion=said["conclusions"][judged], advice=said["advice"][_outcome(run, said["met_from"])], met_on=met_on,
        concluded_by=years.clm, concluded_at=at(met_on + 4 * _DAY),
    )  # fmt: skip


def _outcome(run: Run, on: date) -> str:
    """What became of the first option that was still to be decided then."""
    for term in run.contract.terms.all():
        if term.decided_at is not None and term.decided_at > at(on):
            return "exercised" if term.status == TermStatus.EXERCISED else "declined"
    return "open"


def _answers(
    years: Years, run: Run, one: InterimEvaluation, questions: list[EvaluationQuestion], marks: list[tuple[int, int]]
) -> Iterator[EvaluationAnswer]:
    remarks, dice = years.said["evaluation"]["remarks"], run.dice("remarks")
    for question, pair in zip(questions, marks, strict=True):
        for side, mark, by in zip(
            (EvaluationSide.CONTRACTOR, EvaluationSide.CLM), pair, (run.signer, years.clm), strict=True
        ):
            yield EvaluationAnswer(
                evaluation=one, question=question, side=side, mark=mark, text=dice.choice(remarks[mark]), answered_by=by
            )


def _agreements(years: Years, run: Run, one: InterimEvaluation) -> Iterator[Agreement]:
    dice = run.dice("agreements")
    assert one.met_on is not None
    for number, said in enumerate(dice.sample(years.said["evaluation"]["agreements"], dice.choice((1, 2, 2))), start=1):
        due_on = months_after(one.met_on, said["months"])
        done_on = due_on - dice.randint(-20, 25) * _DAY if dice.random() < 0.95 else None
        done_on = done_on if done_on and done_on <= years.today else None
        yield Agreement(
            evaluation=one, sequence=number, text=said["text"], due_on=due_on, done_on=done_on,
            remark=said["remark"] if done_on else "",
        )  # fmt: skip
