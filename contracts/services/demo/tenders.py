"""A practice tender: a part of Inkoop 2022 once more, as a draft with dates around today."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

from django.db.models import Model

from contracts.services.demo.files import Document
from contracts.services.demo.plan import Plan
from procurement.enums import RoundStatus, SegmentRoundStatus, Stage, TenderStatus
from procurement.models import (
    Criterion,
    Lot,
    Participation,
    Question,
    Requirement,
    Round,
    Segment,
    SegmentRound,
    SubSegment,
    Tender,
)

M = TypeVar("M", bound=Model)
STAGES = (Stage.SELECTION, Stage.AWARD)
PLACES = {Stage.SELECTION: "places_selection", Stage.AWARD: "places_award"}


def draft_tender(spec: Document, template: Tender, plan: Plan) -> Tender:
    """A draft with the segments, questions, requirements and criteria of the template that `spec` names.

    Every round gets its planned deadline, at noon; the rules of the award stage may be overridden.
    """
    tender = _copy(
        template,
        slug=spec["slug"],
        title=spec["title"],
        summary=spec["summary"],
        status=TenderStatus.DRAFT,
        is_history=False,
        published_at=None,
        contract_start=(plan.today + timedelta(days=spec["contract_start_days"])).replace(day=1),
        content={"rounds": template.content.get("rounds", {})},
    )
    segments = _copy_structure(spec, template, tender)
    for stage in STAGES:
        _copy_round(spec, template, tender, segments, stage, plan)
    if "award_override" in spec:
        _override_award(spec["award_override"], tender)
    return tender


def _copy(row: M, **changes: object) -> M:
    """The same row once more, with these changes."""
    fields = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if not f.primary_key}
    made = type(row)(**{**fields, **_attnames(row, changes)})
    made.save(force_insert=True)
    return made


def _attnames(row: Model, changes: dict[str, object]) -> dict[str, object]:
    """The changes by column: an object stands for its key."""
    columns = {field.name: field.attname for field in row._meta.concrete_fields}
    return {columns[name]: value.pk if isinstance(value, Model) else value for name, value in changes.items()}


def _copy_structure(spec: Document, template: Tender, tender: Tender) -> dict[int, Segment]:
    """The chosen segments with their lots, parts and municipalities; the new one by the old one's key."""
    chosen = [row["segment"] for row in spec["segments"]]
    lots: dict[int, Lot] = {}
    segments: dict[int, Segment] = {}
    for old in template.segments.filter(slug__in=chosen).select_related("lot"):
        if old.lot_id not in lots:
            lots[old.lot_id] = _copy(old.lot, tender=tender, valid_from=None, valid_until=None, note="")
        new = _copy(old, tender=tender, lot=lots[old.lot_id], start_date=None, own_track=False)
        segments[old.pk] = new
        for part in SubSegment.objects.filter(segment=old):
            _copy(part, segment=new)
        for town in Participation.objects.filter(segment=old):
            _copy(town, segment=new)
    return segments


def _copy_round(
    spec: Document, template: Tender, tender: Tender, segments: dict[int, Segment], stage: Stage, plan: Plan
) -> None:
    old = template.rounds.get(stage=stage)
    key = "requests_deadline" if stage == Stage.SELECTION else "bids_deadline"
    new = _copy(
        old, tender=tender, status=RoundStatus.PLANNED, opens_at=None, opened_at=None,
        deadline=plan.day(spec["days"][key], 12),
    )  # fmt: skip
    places = {row["segment"]: row[PLACES[stage]] for row in spec["segments"]}
    for rules in SegmentRound.objects.filter(round=old, segment_id__in=segments).prefetch_related("criteria"):
        segment = segments[rules.segment_id]
        made = _copy(rules, round=new, segment=segment, status=SegmentRoundStatus.PENDING, places=places[segment.slug])
        for criterion in rules.criteria.all():
            _copy(criterion, segment_round=made)
    asked: list[Requirement | Question] = [*Requirement.objects.filter(round=old), *Question.objects.filter(round=old)]
    for row in asked:
        if row.segment_id is None or row.segment_id in segments:
            _copy(row, round=new, segment=segments[row.segment_id] if row.segment_id else None)


def _override_award(override: Document, tender: Tender) -> None:
    """Other rules for the award: gunnen op waarde, with a price in euros that is no criterion of its own."""
    round_ = Round.objects.get(tender=tender, stage=Stage.AWARD)
    SegmentRound.objects.filter(round=round_).update(
        method=override["method"], minimum_total=override["minimum_total"], tie_break=override["tie_break"]
    )
    values = {row["inherits"]: Decimal(row["max_value"]) for row in override["criteria"]}
    Criterion.objects.filter(segment_round__round=round_).exclude(code__in=values).delete()
    for code, value in values.items():
        Criterion.objects.filter(segment_round__round=round_, code=code).update(weight=None, max_value=value)
    price = override["price_question"]
    Question.objects.filter(round=round_, code=price["code"]).update(
        title=price["title"], help=price["help"], criterion_code=""
    )
