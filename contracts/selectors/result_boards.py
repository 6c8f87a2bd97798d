"""The dashboards of results: of a contract, a segment, a municipality, and what asks for attention in all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role, municipality_ids_of
from achterhoek.nlds.line_charts import LineChart, line_chart
from achterhoek.region.models import Municipality
from contracts.domain.figures import write_figure
from contracts.domain.results import Quarter, Sign, Together, Trend, together
from contracts.enums import ContractStatus, ReportStatus
from contracts.models import Contract, ContractMunicipality, Indicator, ResultReport
from contracts.models.contract import OFFICIALS
from contracts.models.results import followed_by
from contracts.selectors.result_series import (
    HEAVIEST_FIRST,
    History,
    Point,
    Series,
    State,
    histories,
    histories_of,
    shown_quarters,
)
from contracts.selectors.results import quarter_name, quarter_short, reports_of
from procurement.models import Segment

SIGNED = (ContractStatus.ACTIVE, ContractStatus.ENDED, ContractStatus.TERMINATED)


@dataclass(frozen=True, slots=True)
class Drawn:
    """An indicator as a drawing, with what it says in words."""

    indicator: Indicator
    chart: LineChart
    text: str
    targets: str
    marks: list[tuple[str, str]]  # (words, tone)

    @property
    def key(self) -> str:
        return f"chart-{self.indicator.pk}"


def in_words(state: State) -> str:
    """What stands where there is no figure."""
    return {
        State.KNOWN: "",
        State.UNKNOWN: _("not known"),
        State.WAITING: _("still to come"),
        State.RETURNED: _("sent back"),
        State.MISSING: _("missing"),
        State.NOT_ASKED: _("not asked"),
    }[state]


def sign_words(sign: Sign) -> tuple[str, str]:
    """A signal in words, and its tone."""
    return {
        Sign.BELOW_PROMISE: (_("Worse than promised"), "error"),
        Sign.BELOW_NORM: (_("Two quarters worse than the norm"), "warning"),
        Sign.SUDDEN: (_("Sudden change"), "info"),
        Sign.MISSING: (_("Report is missing"), "error"),
    }[sign]


def _trend_words(trend: Trend) -> tuple[str, str]:
    return {
        Trend.BETTER: (_("Gets better over the year"), "ok"),
        Trend.WORSE: (_("Gets worse over the year"), "warning"),
        Trend.SAME: (_("The same over the year"), "neutral"),
    }[trend]


def with_unit(indicator: Indicator, value: Decimal | None) -> str:
    """`12,5 weken`, `84%`; nothing where there is no figure."""
    if value is None:
        return ""
    return f"{write_figure(value)}{'' if indicator.unit == '%' else ' '}{indicator.unit}"


def _drawn(series: Series) -> Drawn:
    indicator, targets = series.asked.indicator, series.targets
    values = [
        (quarter_short(point.quarter), point.value, write_figure(point.value) if point.value is not None else "?")
        for point in series.points
    ]
    shown = [(name, value, "" if point.state == State.NOT_ASKED else label)
             for (name, value, label), point in zip(values, series.points, strict=True)]  # fmt: skip
    norm, promise = write_figure(targets.norm), write_figure(targets.promise)
    levels = [
        (targets.norm, _("norm %(value)s") % {"value": norm}),
        (targets.promise, _("promised %(value)s") % {"value": promise}),
    ]
    marks = [sign_words(sign) for sign in Sign if sign in series.signs]
    if series.trend:
        marks.append(_trend_words(series.trend))
    return Drawn(indicator, line_chart(shown, levels, indicator.lowest), _told(series), _targets(series), marks)


def _told(series: Series) -> str:
    """The drawing in words: the last figure, and how many of how many quarters are known."""
    known = [point for point in series.points if point.value is not None]
    if not known:
        return _("No figure is known yet.")
    words = {
        "value": with_unit(series.asked.indicator, known[-1].value),
        "quarter": quarter_name(known[-1].quarter),
        "known": len(known),
        "all": len(series.points),
    }
    return _("Last: %(value)s in the %(quarter)s. Figures of %(known)d of %(all)d quarters.") % words


def _targets(series: Series) -> str:
    indicator, targets = series.asked.indicator, series.targets
    parts = []
    if targets.norm is not None:
        parts.append(_("Norm: %(value)s.") % {"value": with_unit(indicator, targets.norm)})
    if targets.promise is not None:
        parts.append(_("Promised in the bid: %(value)s.") % {"value": with_unit(indicator, targets.promise)})
    return " ".join(parts)


@dataclass(frozen=True, slots=True)
class ContractBoard:
    """The results of one contract over three years."""

    history: History
    quarters: list[Quarter]
    drawn: list[Drawn]
    # A row for each quarter since the first that was asked, the newest first: its name, its report, and the figures
    # in the order of the drawings.
    rows: list[tuple[str, ResultReport | None, list[tuple[str, str]]]]


def contract_board(user: Any, pk: int, today: date) -> ContractBoard | None:
    """The dashboard of a contract that this user may follow."""
    quarters = shown_quarters(today)
    found = histories(followed_by(user).filter(pk=pk), quarters, today)
    if not found:
        return None
    history = found[0]
    rows = []
    first = min(history.reports, default=quarters[-1])
    for number, quarter in reversed(list(enumerate(quarters))):
        if quarter < first:
            break
        cells = [_cell(series.asked.indicator, series.points[number]) for series in history.series]
        rows.append((quarter_name(quarter), history.reports.get(quarter), cells))
    return ContractBoard(history, quarters, [_drawn(series) for series in history.series], rows)


def _cell(indicator: Indicator, point: Point) -> tuple[str, str]:
    """The figure, or why there is none; and the remark of the contractor."""
    return with_unit(indicator, point.value) or in_words(point.state), point.remark


@dataclass(frozen=True, slots=True)
class Line:
    """One contract in a list: its last figures, and what asks for attention."""

    history: History
    cells: list[tuple[str, list[tuple[str, str]]]]


@dataclass(frozen=True, slots=True)
class GroupBoard:
    """The results of the contracts of a segment, perhaps in one municipality."""

    segment: Segment
    place: Municipality | None
    indicators: list[Indicator]
    drawn: list[Drawn]
    rows: list[tuple[str, list[str]]]
    lines: list[Line]

    @property
    def noticed(self) -> list[Line]:
        """The contracts with a signal in their figures."""
        return [line for line in self.lines if line.history.found]

    @property
    def calm(self) -> list[Line]:
        return [line for line in self.lines if not line.history.found]


def group_board(user: Any, segment: Segment, place: Municipality | None, today: date) -> GroupBoard:
    """The contracts of a segment that this user follows, together and one by one."""
    quarters = shown_quarters(today)
    found = histories(_signed(user, place).filter(segment=segment), quarters, today, place)
    indicators = [series.asked.indicator for series in found[0].series] if found else []
    drawn, columns = [], []
    for number in range(len(indicators)):
        own = [history.series[number] for history in found]
        means = [_mean(own, index) for index in range(len(quarters))]
        drawn.append(_drawn_mean(own[0], means, quarters))
        columns.append([_mean_words(indicators[number], mean) for mean in means])
    first = min((quarter for history in found for quarter in history.reports), default=quarters[-1])
    rows = [
        (quarter_name(quarters[index]), [column[index] for column in columns])
        for index in reversed(range(len(quarters)))
        if quarters[index] >= first
    ]
    return GroupBoard(segment, place, indicators, drawn, rows, [_line(history) for history in found])


def _mean(series: Sequence[Series], index: int) -> Together:
    """The mean of one quarter, of the contracts that were asked."""
    points = [one.points[index] for one in series]
    return together(point.value for point in points if point.state != State.NOT_ASKED)


def _mean_words(indicator: Indicator, mean: Together) -> str:
    if not mean.asked:
        return in_words(State.NOT_ASKED)
    if mean.mean is None:
        return _("no figure (0 of %(asked)d)") % {"asked": mean.asked}
    words = {"value": with_unit(indicator, round(mean.mean, 1)), "known": mean.known, "asked": mean.asked}
    return _("%(value)s (%(known)d of %(asked)d)") % words


def _drawn_mean(first: Series, means: Sequence[Together], quarters: Sequence[Quarter]) -> Drawn:
    indicator, norm = first.asked.indicator, first.targets.norm
    values = []
    for quarter, mean in zip(quarters, means, strict=True):
        value = None if mean.mean is None else round(mean.mean, 1)
        values.append(
            (quarter_short(quarter), value, write_figure(value) if value is not None else "?" * bool(mean.asked))
        )
    known = [(quarter, mean) for quarter, mean in zip(quarters, means, strict=True) if mean.mean is not None]
    text = _("No figure is known yet.")
    if known:
        quarter, mean = known[-1]
        words = {
            "value": with_unit(indicator, round(mean.mean or Decimal(0), 1)), "quarter": quarter_name(quarter),
            "known": mean.known, "asked": mean.asked,
        }  # fmt: skip
        text = _("Last mean: %(value)s in the %(quarter)s, of %(known)d of %(asked)d contracts.") % words
    level = [(norm, _("norm %(value)s") % {"value": write_figure(norm)})]
    targets = _("Norm: %(value)s.") % {"value": with_unit(indicator, norm)} if norm is not None else ""
    return Drawn(indicator, line_chart(values, level, indicator.lowest), text, targets, [])


def _line(history: History) -> Line:
    cells = []
    for series in history.series:
        last = series.last
        text = with_unit(series.asked.indicator, last.value) if last else in_words(State.UNKNOWN)
        cells.append((text, [sign_words(sign) for sign in Sign if sign in series.signs]))
    return Line(history, cells)


def _signed(user: Any, place: Municipality | None = None) -> QuerySet[Contract]:
    rows = followed_by(user).filter(status__in=SIGNED).order_by("segment__position", "number")
    if place is not None:
        runs = ContractMunicipality.objects.filter(municipality=place)
        rows = rows.filter(pk__in=runs.values("contract"))
    return rows


def followed_segments(user: Any, place: Municipality | None = None) -> list[Segment]:
    """The segments of which this user follows a contract."""
    return list(
        Segment.objects.filter(contracts__in=_signed(user, place)).distinct().select_related("tender", "lot")
        .order_by("tender", "position")
    )  # fmt: skip


def followed_places(user: Any) -> list[Municipality]:
    """The municipalities whose dashboard this user may see: all of the regions, or those of the own college."""
    if has_role(user, *OFFICIALS):
        runs = ContractMunicipality.objects.filter(contract__in=_signed(user))
        return list(Municipality.objects.filter(pk__in=runs.values("municipality")))
    return list(Municipality.objects.filter(pk__in=municipality_ids_of(user)))


@dataclass(frozen=True, slots=True)
class Noticed:
    """One figure that asks for attention: of what, the last one, and why, as (words, tone)."""

    indicator: Indicator
    last: str
    words: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SegmentSignals:
    """The contracts of a segment in which a figure asks for attention, and how many do worse than they promised."""

    segment: Segment
    rows: list[tuple[Contract, list[Noticed]]]
    below_promise: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What asks for attention in the contracts that a user follows."""

    to_judge: list[ResultReport]
    missing: list[ResultReport]
    signals: list[SegmentSignals]

    @property
    def contracts(self) -> int:
        """How many contracts have a signal."""
        return sum(len(group.rows) for group in self.signals)


def overview(user: Any, today: date, place: Municipality | None = None) -> Overview:
    """Reports to judge, reports that are missing, and the signals of the contracts in force."""
    mine = followed_by(user)
    if place is not None:
        mine = _signed(user, place)
    waiting = reports_of(user).filter(status=ReportStatus.SUBMITTED, contract__in=mine).order_by("submitted_at")
    open_ones = Q(status__in=(ReportStatus.ASKED, ReportStatus.RETURNED), due_on__lt=today)
    missing = reports_of(user).filter(open_ones, contract__in=mine).order_by("due_on", "contract__number")
    running = mine.filter(status=ContractStatus.ACTIVE).order_by("segment__position", "number")
    return Overview(
        list(waiting) if has_role(user, Role.CLM) else [],
        list(missing),
        signals_by_segment(histories(running, shown_quarters(today), today, place)),
    )


def signals_by_segment(rows: Iterable[History]) -> list[SegmentSignals]:
    """What asks for attention, a row for each contract, under their segments; a contract without anything is left out.

    In the order in which the contracts are given.
    """
    found: dict[int, SegmentSignals] = {}
    for history in rows:
        noticed = [_noticed(series) for series in history.series if series.signs]
        if not noticed:
            continue
        segment = history.contract.segment
        before = found.get(segment.pk) or SegmentSignals(segment, [], 0)
        below = any(sign == Sign.BELOW_PROMISE for _series, sign in history.found)
        entry = (history.contract, noticed)
        found[segment.pk] = SegmentSignals(segment, [*before.rows, entry], before.below_promise + below)
    return list(found.values())


def _noticed(series: Series) -> Noticed:
    indicator, last = series.asked.indicator, series.last
    words = [sign_words(sign) for sign in HEAVIEST_FIRST if sign in series.signs]
    return Noticed(indicator, with_unit(indicator, last.value if last else None), words)


def attention_of(contract: Contract, today: date) -> History:
    """What asks for attention in one contract, for beside a decision on it."""
    return histories_of([contract], shown_quarters(today), today)[0]
