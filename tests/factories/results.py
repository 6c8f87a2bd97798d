"""Contracts of which figures are asked, and reports as they come in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone

from contracts.domain.results import Quarter, last_ended
from contracts.models import Contract, EvaluationQuestion, Indicator, InterimEvaluation, ResultReport, SegmentIndicator
from contracts.services.result_reminders import ask_reports
from contracts.services.results import Given, submit_report


def indicator(contract: Contract, **fields: Any) -> Indicator:
    """An indicator that is asked of the contract's segment: a percentage of which more is better."""
    norm = fields.pop("norm", None)
    values = {
        "code": "op-tijd", "name": "Op tijd gestart", "explanation": "Hoeveel op tijd begonnen.", "unit": "%",
        "direction": "higher", "highest": 100, "decimals": 1, **fields,
    }  # fmt: skip
    found, _made = Indicator.objects.get_or_create(
        region=contract.segment.tender.region, code=values.pop("code"), defaults=values
    )
    SegmentIndicator.objects.get_or_create(segment=contract.segment, indicator=found, defaults={"norm": norm})
    return found


def complaints(contract: Contract, **fields: Any) -> Indicator:
    """A whole number without an end, of which less is better."""
    values = {
        "code": "klachten", "name": "Klachten", "unit": "aantal", "direction": "lower", "highest": None, "decimals": 0,
        "position": 1,
    }  # fmt: skip
    return indicator(contract, **{**values, **fields})


def this_quarter() -> Quarter:
    """The last quarter that is over: the one that is asked now."""
    return last_ended(timezone.localdate())


def asked(contract: Contract, quarter: Quarter | None = None) -> ResultReport:
    """A report that is asked of the contract."""
    quarter = quarter or this_quarter()
    ask_reports(quarter=quarter, contracts=[contract])
    return ResultReport.objects.get(contract=contract, year=quarter.year, quarter=quarter.number)


def handed_in(report: ResultReport, by: Any, value: str | None) -> ResultReport:
    """The report with the same figure for everything that is asked of the whole contract."""
    rows = SegmentIndicator.objects.filter(segment=report.contract.segment_id)
    given = Given(Decimal(value)) if value is not None else Given(None, "Telling ontbreekt.")
    figures = {(row.indicator_id, None): given for row in rows}
    return submit_report(report=report, figures=figures, explanation="", by=by)


def reported(contract: Contract, by: Any, *values: str | None) -> None:
    """Figures of consecutive quarters, the last one of the quarter that is over; None is a report that is missing."""
    quarter = this_quarter()
    for value in reversed(values):
        report = asked(contract, quarter)
        if value is not None:
            handed_in(report, by, value)
        quarter = quarter.previous


def questionnaire(contract: Contract, year: int = 2024) -> list[EvaluationQuestion]:
    region = contract.segment.tender.region
    texts = ("Hoe verloopt de samenwerking?", "Hoe staat het met de wachttijd?")
    return [
        EvaluationQuestion.objects.create(region=region, year=year, position=number, text=text)
        for number, text in enumerate(texts, start=1)
    ]


def evaluation(contract: Contract, year: int = 2024) -> InterimEvaluation:
    """An evaluation that both sides still have to answer."""
    questionnaire(contract, year)
    return InterimEvaluation.objects.create(contract=contract, year=year, due_on=timezone.localdate())
