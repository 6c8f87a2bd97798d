"""Writers of indicators: the set that a region begins with, what is asked of a segment, and the questionnaire."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.accounts.roles import region_ids_of
from achterhoek.audit.services import record
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.region.models import Region
from contracts.enums import Direction
from contracts.models import EvaluationQuestion, Indicator, SegmentIndicator
from contracts.selectors.evaluations import is_answered
from contracts.selectors.indicators import MEANING, is_reported, why_not
from contracts.services.texts import in_dutch
from procurement.models import Segment


@dataclass(frozen=True, slots=True)
class Starter:
    """An indicator of the starter set."""

    code: str
    name: str
    explanation: str
    unit: str
    direction: str
    highest: int | None
    lowest: int = 0
    decimals: int = 0


def starter_set() -> list[Starter]:
    """What the award criteria of 002_6dfa1213d0e534a1.txt are about, with what clients notice of it."""
    higher, lower = str(Direction.HIGHER), str(Direction.LOWER)
    return [
        Starter("doorlooptijd", _("Duration of care"), _(
            "The mean number of weeks between the first and the last day of care, of all trajectories that ended in"
            " this quarter."
        ), _("weeks"), lower, 520, decimals=1),
        Starter("afschaling", _("Scaled down"), _(
            "Of all trajectories that ended in this quarter: the part after which no care, or lighter care, was needed."
        ), "%", higher, 100, decimals=1),
        Starter("clienttevredenheid", _("Satisfaction of clients"), _(
            "The mean mark that clients gave in this quarter, in the survey that you use for all clients."
        ), _("points"), higher, 10, lowest=1, decimals=1),
        Starter("op-tijd-gestart", _("Begun in time"), _(
            "Of all trajectories that began in this quarter: the part that began on or before the agreed day."
        ), "%", higher, 100, decimals=1),
        Starter("klachten", _("Complaints"), _(
            "The number of complaints that came in during this quarter, also those that were settled at once."
        ), _("complaints"), lower, None),
        Starter("wachttijd", _("Waiting time"), _(
            "The mean number of weeks between application and first day of care, of all who began in this quarter."
        ), _("weeks"), lower, 104, decimals=1),
    ]  # fmt: skip


def require_clm(by: User, region_id: int) -> None:
    """Raises `NotAllowed` where the user is not of Team CLM in this region."""
    regions = region_ids_of(by, Role.CLM)
    if regions is not None and region_id not in regions:
        raise NotAllowed(_("Only Team CLM of this region may do this."))


@transaction.atomic
def start_indicators(*, region: Region, by: User) -> list[Indicator]:
    """Give a region the starter set, asked of all its segments that have contracts, without norms yet.

    Safe to repeat: what is there already stays as it is. Raises `NotAllowed`.
    """
    require_clm(by, region.pk)
    with in_dutch():
        rows = [_indicator(region, number, one) for number, one in enumerate(starter_set(), start=1)]
    Indicator.objects.bulk_create(rows, ignore_conflicts=True)
    found = list(Indicator.objects.filter(region=region, code__in=[row.code for row in rows]))
    segments = Segment.objects.filter(tender__region=region, contracts__isnull=False).distinct()
    SegmentIndicator.objects.bulk_create(
        [SegmentIndicator(segment=segment, indicator=one) for segment in segments for one in found],
        ignore_conflicts=True,
    )
    record("contracts.indicator.start", by=by, target=region, detail={"codes": [row.code for row in rows]})
    return found


def _indicator(region: Region, number: int, one: Starter) -> Indicator:
    return Indicator(
        region=region, code=one.code, name=one.name, explanation=one.explanation, unit=one.unit,
        direction=one.direction, lowest=one.lowest, highest=one.highest, decimals=one.decimals, position=number,
    )  # fmt: skip


@transaction.atomic
def save_indicator(*, indicator: Indicator, by: User) -> Indicator:
    """Add or change an indicator.

    Raises `NotAllowed`; `RuleViolation` where figures that were reported would come to mean something else.
    """
    require_clm(by, indicator.region_id)
    before = Indicator.objects.filter(pk=indicator.pk).first()
    if before is not None and is_reported(before):
        for name in MEANING:
            if getattr(before, name) != getattr(indicator, name):
                raise RuleViolation(_("Figures were reported already. Make a new indicator instead."), field=name)
    indicator.save()
    detail = {
        "code": indicator.code, "name": indicator.name, "unit": indicator.unit, "direction": indicator.direction,
        "lowest": str(indicator.lowest), "highest": _told(indicator.highest), "decimals": indicator.decimals,
    }  # fmt: skip
    record("contracts.indicator.set", by=by, target=indicator, detail=detail)
    return indicator


@transaction.atomic
def ask_of_segment(*, row: SegmentIndicator, by: User) -> SegmentIndicator:
    """Ask an indicator of the contracts of a segment, or set its norm.

    Raises `NotAllowed`; `RuleViolation` for an indicator of another region, or a norm that cannot be a figure.
    """
    region = row.segment.tender.region_id
    require_clm(by, region)
    if row.indicator.region_id != region:
        raise RuleViolation(_("Choose an indicator of the region of this segment."), field="indicator")
    if row.norm is not None and (reason := why_not(row.indicator, row.norm)):
        raise RuleViolation(reason, field="norm")
    row.save()
    detail = {"segment": row.segment.slug, "indicator": row.indicator.code, "norm": _told(row.norm)}
    record("contracts.segmentindicator.set", by=by, target=row, detail=detail)
    return row


@transaction.atomic
def stop_asking(*, row: SegmentIndicator, by: User) -> None:
    """Ask an indicator of a segment no longer. What was reported stays. Raises `NotAllowed`."""
    require_clm(by, row.segment.tender.region_id)
    detail = {"segment": row.segment.slug, "indicator": row.indicator.code, "norm": _told(row.norm)}
    record("contracts.segmentindicator.stop", by=by, target=row, detail=detail)
    row.delete()


@transaction.atomic
def save_question(*, question: EvaluationQuestion, by: User) -> EvaluationQuestion:
    """Add or change a question of the interim evaluation. Raises `NotAllowed`.

    `RuleViolation` where it was answered already: another question would stand above the same answers.
    """
    require_clm(by, question.region_id)
    if question.pk and is_answered(question):
        raise RuleViolation(_("This question was answered already. Add a new one instead."), field="text")
    question.save()
    detail = {"year": question.year, "position": question.position, "text": question.text}
    record("contracts.evaluationquestion.set", by=by, target=question, detail=detail)
    return question


def _told(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
