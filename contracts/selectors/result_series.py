"""The figures of contracts over the last quarters, with what asks for attention; a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects

from achterhoek.region.models import Municipality
from contracts.domain.results import Quarter, Sign, Targets, Trend, last_ended, quarters_until, signs, trend
from contracts.enums import ReportStatus
from contracts.models import Contract, ResultFigure, ResultReport
from contracts.selectors.indicators import Asked, asked_of
from contracts.selectors.results import COUNTS, is_late, quarter_of_report

HEAVIEST_FIRST = (Sign.BELOW_PROMISE, Sign.BELOW_NORM, Sign.SUDDEN)


class State(StrEnum):
    """Why there is a figure in a quarter, or why not. None of these is ever a zero."""

    KNOWN = "known"
    UNKNOWN = "unknown"  # handed in, and the contractor says that it is not known
    WAITING = "waiting"  # asked, and there is still time
    RETURNED = "returned"
    MISSING = "missing"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Point:
    """One quarter of one indicator of one contract."""

    quarter: Quarter
    value: Decimal | None
    state: State
    remark: str = ""
    # Of a municipality: whether this is its own figure, and not that of the whole contract.
    own: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """An indicator over the quarters, held against the norm and the promise."""

    asked: Asked
    targets: Targets
    points: tuple[Point, ...]

    @property
    def settled(self) -> list[Decimal | None]:
        """The figures up to the last quarter that came in or is missing: one that may still come tells nothing."""
        points = list(self.points)
        while points and points[-1].state in (State.WAITING, State.NOT_ASKED):
            points.pop()
        return [point.value for point in points]

    @property
    def signs(self) -> frozenset[Sign]:
        return signs(self.asked.measure, self.settled, self.targets)

    @property
    def trend(self) -> Trend | None:
        return trend(self.asked.measure, self.settled)

    @property
    def last(self) -> Point | None:
        """The last quarter with a figure."""
        return next((point for point in reversed(self.points) if point.value is not None), None)


@dataclass(frozen=True, slots=True)
class History:
    """What a contract reported over the quarters."""

    contract: Contract
    reports: dict[Quarter, ResultReport]
    series: tuple[Series, ...]
    missing: tuple[Quarter, ...]

    @property
    def found(self) -> list[tuple[Series, Sign]]:
        """What asks for attention, the heaviest first within an indicator."""
        return [(series, sign) for series in self.series for sign in HEAVIEST_FIRST if sign in series.signs]


def shown_quarters(today: date) -> list[Quarter]:
    """The quarters that a dashboard shows, the last one that is over at the end."""
    return quarters_until(last_ended(today))


def histories(
    contracts: QuerySet[Contract], quarters: Sequence[Quarter], today: date, place: Municipality | None = None
) -> list[History]:
    """The history of each contract; of a municipality with its own figure where there is one. Five queries."""
    rows = list(contracts.select_related("contractor", "consortium", "segment__tender"))
    return histories_of(rows, quarters, today, place)


def histories_of(
    rows: Sequence[Contract], quarters: Sequence[Quarter], today: date, place: Municipality | None = None
) -> list[History]:
    """The same of contracts that were read already, whose promises then need not be read again. Four queries."""
    # Of whom and when; what is between them is left out below.
    whole = Q(municipality=None) | Q(municipality=place) if place else Q(municipality=None)
    figures = ResultFigure.objects.filter(whole)
    reports = ResultReport.objects.filter(year__gte=quarters[0].year, year__lte=quarters[-1].year)
    own = Prefetch("reports", reports.prefetch_related(Prefetch("figures", figures)))
    prefetch_related_objects(rows, own, "obligations")
    asked = asked_of({row.segment_id for row in rows})
    return [_history(row, asked[row.segment_id], quarters, today, place) for row in rows]


def _history(
    contract: Contract, asked: Iterable[Asked], quarters: Sequence[Quarter], today: date, place: Municipality | None
) -> History:
    found = {quarter_of_report(report): report for report in contract.reports.all()}
    reports = {quarter: found[quarter] for quarter in quarters if quarter in found}
    promises = {row.indicator_id: row.target for row in contract.obligations.all() if row.target is not None}
    series = tuple(
        Series(
            one,
            Targets(one.norm, promises.get(one.indicator.pk)),
            tuple(_point(quarter, reports.get(quarter), one.indicator.pk, today, place) for quarter in quarters),
        )
        for one in asked
    )
    missing = tuple(quarter for quarter, report in reports.items() if is_late(report, today))
    return History(contract, reports, series, missing)


def _point(
    quarter: Quarter, report: ResultReport | None, indicator: int, today: date, place: Municipality | None
) -> Point:
    if report is None:
        return Point(quarter, None, State.NOT_ASKED)
    if report.status not in COUNTS:
        if report.status == ReportStatus.RETURNED:
            return Point(quarter, None, State.RETURNED)
        return Point(quarter, None, State.MISSING if is_late(report, today) else State.WAITING)
    rows = [row for row in report.figures.all() if row.indicator_id == indicator]
    own = [row for row in rows if place is not None and row.municipality_id == place.pk and row.value is not None]
    row = next(iter(own or [row for row in rows if row.municipality_id is None]), None)
    if row is None or row.value is None:
        return Point(quarter, None, State.UNKNOWN, row.remark if row else "")
    return Point(quarter, row.value, State.KNOWN, row.remark, bool(own))
