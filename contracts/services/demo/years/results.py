"""Figures of twelve quarters: most better than the norm, some worse or missing, and the last quarter in every state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from random import Random

from contracts.domain.results import SHOWN, Quarter, last_ended, quarter_of, quarters_until, runs_in
from contracts.enums import Direction, ReportStatus
from contracts.models import ResultFigure, ResultReport, SegmentIndicator
from contracts.services.demo.years.base import Run, Years, at
from contracts.services.indicators import ask_of_segment, start_indicators

_DAY = timedelta(days=1)
# How far a figure goes from the norm, as a part of it: by how well the contractor does, and by chance.
SPREAD = {
    "doorlooptijd": (0.12, 0.06), "afschaling": (0.09, 0.05), "clienttevredenheid": (0.05, 0.02),
    "op-tijd-gestart": (0.06, 0.03), "klachten": (0.45, 0.4), "wachttijd": (0.25, 0.12),
}  # fmt: skip
LOCAL = ("clienttevredenheid", "wachttijd")
MISSING, UNKNOWN = 0.035, 0.02


def ask_indicators(years: Years) -> None:
    """The starter set, asked of every segment with its norm; by Team CLM."""
    start_indicators(region=years.tender.region, by=years.clm)
    rows = SegmentIndicator.objects.filter(segment__tender=years.tender).select_related(
        "indicator", "segment__tender__region"
    )
    for row in rows.order_by("segment__position", "indicator__position"):
        row.norm = Decimal(years.said["norms"][row.segment.slug][row.indicator.code])
        ask_of_segment(row=row, by=years.clm)


def report(years: Years) -> None:
    """The reports with their figures, written at once: they are from before this portal asked for them."""
    asked: dict[str, list[SegmentIndicator]] = {}
    for row in SegmentIndicator.objects.filter(segment__tender=years.tender).select_related("indicator", "segment"):
        asked.setdefault(row.segment.slug, []).append(row)
    reports = [one for run in years.runs for one in _reports(years, run)]
    made = ResultReport.objects.bulk_create(reports)
    numbers = {run.contract.pk: run for run in years.runs}
    ResultFigure.objects.bulk_create(
        [
            figure
            for one in made
            if one.submitted_at is not None
            for figure in _figures(years, numbers[one.contract_id], one, asked[numbers[one.contract_id].segment])
        ],
        batch_size=2000,
    )


def _reports(years: Years, run: Run) -> Iterator[ResultReport]:
    last = min(last_ended(years.today), quarter_of(run.last))
    for quarter in quarters_until(last, SHOWN):
        if runs_in(quarter, run.contract.start, run.last):
            yield _report(years, run, quarter, is_last=quarter == last_ended(years.today))


def _report(years: Years, run: Run, quarter: Quarter, *, is_last: bool) -> ResultReport:
    dice = run.dice(f"report {quarter.year} {quarter.number}")
    row = ResultReport(contract=run.contract, year=quarter.year, quarter=quarter.number, due_on=quarter.due_on)
    row.status = _status(years, run, dice, is_last=is_last)
    if row.status == ReportStatus.ASKED:
        late = years.today - 7 * _DAY > quarter.due_on
        row.reminded_on = quarter.due_on + 7 * _DAY if late else None
        return row
    handed_in = min(quarter.due_on - dice.randint(0, 30) * _DAY, years.today - 2 * _DAY)
    row.submitted_at, row.submitted_by = at(handed_in, 14), run.signer
    row.explanation = dice.choice(years.said["results"]["explanations"])
    if row.status != ReportStatus.SUBMITTED:
        row.judged_at = at(min(handed_in + dice.randint(3, 12) * _DAY, years.today - _DAY), 11)
        row.judged_by = years.clm
    if row.status == ReportStatus.RETURNED:
        row.judgement = years.said["results"]["send_back"]
        row.reminded_on = min(quarter.due_on + 7 * _DAY, years.today)
    return row


def _status(years: Years, run: Run, dice: Random, *, is_last: bool) -> str:
    said = years.said["results"]
    throw = dice.random()
    if not is_last:
        return ReportStatus.ASKED if throw < MISSING else ReportStatus.ACCEPTED
    if run.number in said["to_hand_in"]:
        return ReportStatus.ASKED
    if run.number in said["returned"]:
        return ReportStatus.RETURNED
    return ReportStatus.ACCEPTED if throw < 0.7 else ReportStatus.SUBMITTED


def _figures(years: Years, run: Run, one: ResultReport, asked: list[SegmentIndicator]) -> Iterator[ResultFigure]:
    said = years.said["results"]
    quarter = Quarter(one.year, one.quarter)
    for row in asked:
        code = row.indicator.code
        dice = run.dice(f"{code} {one.year} {one.quarter}")
        if code == "clienttevredenheid" and dice.random() < UNKNOWN:
            yield ResultFigure(report=one, indicator=row.indicator, value=None, remark=said["unknown"])
            continue
        level = _level(years, run, quarter)
        value = _value(row, level, dice)
        yield ResultFigure(report=one, indicator=row.indicator, value=value)
        if run.number in said["by_municipality"] and code in LOCAL:
            for place in run.places:
                if place.end is None or place.end >= quarter.start:
                    local = level + dice.gauss(0, 0.3)
                    yield ResultFigure(
                        report=one, indicator=row.indicator, municipality=place.municipality,
                        value=_value(row, local, dice),
                    )  # fmt: skip


def _level(years: Years, run: Run, quarter: Quarter) -> float:
    """How well the contractor does in a quarter: 0 is the norm, 1 is much better."""
    dice = run.dice("level")
    level, drift = dice.gauss(0.65, 0.3), dice.gauss(0.015, 0.02)
    ago = (years.today - quarter.end).days / 91
    if run.number in years.said["results"]["weak"]:
        return 0.3 - 0.22 * max(6 - ago, 0)
    return level - drift * ago


def _value(row: SegmentIndicator, level: float, dice: Random) -> Decimal:
    """A figure that can be, better than the norm by its level."""
    indicator, norm = row.indicator, float(row.norm or 0)
    by_level, by_chance = SPREAD[indicator.code]
    way = 1 if indicator.direction == Direction.HIGHER else -1
    found = norm * (1 + way * by_level * level + by_chance * dice.gauss(0, 0.5))
    highest = float(indicator.highest) if indicator.highest is not None else found
    return Decimal(str(round(min(max(found, float(indicator.lowest)), highest), indicator.decimals)))
