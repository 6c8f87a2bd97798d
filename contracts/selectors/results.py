"""Quarterly reports: of whom they are asked, what is filled in, and the rows of the form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from achterhoek.accounts.roles import has_role, municipality_ids_of
from achterhoek.region.models import Municipality
from contracts.domain.figures import write_figure
from contracts.domain.results import Quarter, runs_in
from contracts.enums import ContractStatus, ReportStatus
from contracts.models import Contract, Indicator, ResultFigure, ResultReport
from contracts.models.contract import OFFICIALS
from contracts.rules import is_contractor, last_day_of
from contracts.selectors.indicators import Asked, asked_of_contract, places_in

# What counts: handed in, or judged as well. What was sent back waits for its correction, and what is asked is missing.
COUNTS = (ReportStatus.SUBMITTED, ReportStatus.ACCEPTED)
# Still to be handed in by the contractor.
OPEN = (ReportStatus.ASKED, ReportStatus.RETURNED)


def quarter_name(quarter: Quarter) -> str:
    """`2e kwartaal 2024`."""
    names = {
        1: _("1st quarter of %(year)d"),
        2: _("2nd quarter of %(year)d"),
        3: _("3rd quarter of %(year)d"),
        4: _("4th quarter of %(year)d"),
    }
    return names[quarter.number] % {"year": quarter.year}


def quarter_short(quarter: Quarter) -> str:
    """`2024-2`, for above a column."""
    return f"{quarter.year}-{quarter.number}"


def quarter_of_report(report: ResultReport) -> Quarter:
    return Quarter(report.year, report.quarter)


def contracts_that_ran(quarter: Quarter) -> list[Contract]:
    """The signed contracts that ran in (part of) a quarter, also those that have ended since; two queries."""
    signed = (ContractStatus.ACTIVE, ContractStatus.ENDED, ContractStatus.TERMINATED)
    rows = Contract.objects.filter(status__in=signed, start__lte=quarter.end).prefetch_related("terms")
    found = rows.select_related("contractor", "consortium", "segment__tender")
    return [one for one in found if runs_in(quarter, one.start, last_day_of(one))]


@dataclass(frozen=True, slots=True)
class FigureField:
    """One figure to fill in: of the whole contract, or of a municipality."""

    asked: Asked
    place: Municipality | None

    @property
    def key(self) -> tuple[int, int | None]:
        return self.asked.indicator.pk, self.place.pk if self.place else None

    @property
    def name(self) -> str:
        """The name of its field on the form and in the draft."""
        return f"f{self.asked.indicator.pk}-{self.place.pk if self.place else 0}"

    @property
    def remark_name(self) -> str:
        return f"r{self.asked.indicator.pk}-{self.place.pk if self.place else 0}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that can be filled in of one report."""

    report: ResultReport
    asked: list[Asked]
    places: list[Municipality]

    def fields(self) -> Iterator[FigureField]:
        for asked in self.asked:
            yield FigureField(asked, None)
            for place in self.places:
                yield FigureField(asked, place)

    @property
    def names(self) -> set[str]:
        """Every name under which something can be typed."""
        found = {"explanation"}
        for field in self.fields():
            found |= {field.name, field.remark_name}
        return found

    def typed(self) -> dict[str, str]:
        """What was typed last: the draft, and else what was handed in before."""
        if self.report.draft:
            return {str(name): str(text) for name, text in self.report.draft.items()}
        handed_in = {"explanation": self.report.explanation}
        rows = {(row.indicator_id, row.municipality_id): row for row in self.report.figures.all()}
        for field in self.fields():
            if row := rows.get(field.key):
                handed_in[field.name] = write_figure(row.value)
                handed_in[field.remark_name] = row.remark
        return handed_in


def sheet_of(report: ResultReport) -> Sheet:
    """What is asked in a report: the indicators of the segment, for the whole and for each municipality."""
    return Sheet(report, asked_of_contract(report.contract), places_in(report.contract, quarter_of_report(report)))


def reports_of(user: Any) -> QuerySet[ResultReport]:
    """Reports that this user may see, with what a page of one shows."""
    figures = ResultFigure.objects.select_related("indicator", "municipality").order_by(
        "indicator__position", "municipality__name"
    )
    return (
        ResultReport.objects.visible_to(user)
        .select_related(
            "contract__contractor", "contract__consortium", "contract__segment__tender__region", "submitted_by",
            "judged_by",
        )
        .prefetch_related(Prefetch("figures", figures), "contract__terms")
    )  # fmt: skip


def own_open_reports(user: Any) -> list[ResultReport]:
    """The reports that a contractor's member still has to hand in, the oldest first."""
    if not user.is_authenticated:
        return []
    rows = reports_of(user).filter(contract__contractor__memberships__user=user, status__in=OPEN)
    return list(rows.order_by("year", "quarter", "contract__number"))


def is_late(report: ResultReport, today: date) -> bool:
    """Missing: past its last day and not handed in, or sent back and not handed in again."""
    return report.status in OPEN and report.due_on < today


def reports_waiting(user: Any, today: date) -> tuple[int, int]:
    """How many reports Team CLM has to judge, and how many are missing; one query."""
    found = ResultReport.objects.visible_to(user).aggregate(
        judge=Count("pk", filter=Q(status=ReportStatus.SUBMITTED)),
        missing=Count("pk", filter=Q(status__in=OPEN, due_on__lt=today)),
    )
    return found["judge"], found["missing"]


@dataclass(frozen=True, slots=True)
class FigureRow:
    """What a report says of one indicator: of the whole, and of each municipality that was reported."""

    indicator: Indicator
    whole: ResultFigure | None
    places: list[ResultFigure]


def figure_rows(user: Any, report: ResultReport) -> list[FigureRow]:
    """The figures of a report under their indicators; also what was asked and not filled in.

    The secretary of a college sees of the municipalities only its own.
    """
    official = has_role(user, *OFFICIALS) or is_contractor(user, report.contract)
    own = None if official else municipality_ids_of(user)
    found: dict[int, FigureRow] = {
        one.indicator.pk: FigureRow(one.indicator, None, []) for one in asked_of_contract(report.contract)
    }
    for figure in report.figures.all():
        row = found.get(figure.indicator_id) or FigureRow(figure.indicator, None, [])
        if figure.municipality_id is None:
            row = FigureRow(row.indicator, figure, row.places)
        elif own is None or figure.municipality_id in own:
            row.places.append(figure)
        found[figure.indicator_id] = row
    return sorted(found.values(), key=lambda row: (row.indicator.position, row.indicator.code))
