"""What the public pages of tenders show, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _

from achterhoek.region.models import Municipality, Region
from procurement.enums import AwardStatus, CriterionKind, RoundStatus, Stage, TenderStatus
from procurement.models import (
    Award,
    Criterion,
    DeadlineExtension,
    Draw,
    Lot,
    Participation,
    Phase,
    ReceiptRoot,
    Requirement,
    Round,
    Segment,
    SegmentRound,
    Tender,
)
from procurement.selectors.outage import extensions_of
from procurement.selectors.planning import LogLine, PlanLine, log_lines, plan_lines
from procurement.selectors.proof import roots_of

GROUPS = (
    ("open", _("Open: you can take part now")),
    ("running", _("Running: being judged or decided")),
    ("completed", _("Completed")),
)


@dataclass(frozen=True, slots=True)
class TenderLine:
    """A tender in a list. `state` is open, running or completed; `round` the one that is open."""

    tender: Tender
    state: str
    round: Round | None
    segments: int
    published: date | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """Which municipality takes part in which segment: a row a municipality, a cell a segment."""

    segments: list[Segment]
    rows: list[tuple[Municipality, list[Participation | None]]]
    reasons: list[Participation]


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Segments that are judged by the very same rules."""

    rules: SegmentRound
    criteria: list[Criterion]
    segments: list[SegmentRound]
    rubrics: list[tuple[str, list[dict[str, str]]]]


@dataclass(frozen=True, slots=True)
class StageRules:
    """One stage as published: what counts, and what must be met."""

    round: Round
    intro: str
    groups: list[RuleGroup]
    general: list[Requirement]
    specific: list[tuple[Segment, list[Requirement]]]


@dataclass(frozen=True, slots=True)
class Awarded:
    """Who was awarded a segment, told only when it is final."""

    segment: Segment
    names: list[str]


@dataclass(frozen=True, slots=True)
class TenderPage:
    """All that the page of a tender shows."""

    tender: Tender
    published: date | None
    open_round: Round | None
    lots: list[Lot]
    matrix: Matrix
    plan: list[PlanLine]
    log: list[LogLine]
    stages: list[StageRules]
    awarded: list[Awarded] = field(default_factory=list)
    roots: list[ReceiptRoot] = field(default_factory=list)
    extensions: list[DeadlineExtension] = field(default_factory=list)


def region_choices() -> QuerySet[Region]:
    """Regions with a published tender, the default one first."""
    return Region.objects.filter(tenders__published_at__isnull=False).distinct().order_by("-is_default", "name")


def tender_lines(region_slug: str = "", *, now: datetime) -> list[TenderLine]:
    """Published tenders, newest first; two queries, however many there are."""
    found = (
        Tender.objects.public()
        .select_related("region")
        .prefetch_related("rounds", Prefetch("segments", Segment.objects.only("pk", "tender_id")))
    )
    if region_slug:
        found = found.filter(region__slug=region_slug)
    lines = [_line(tender, now) for tender in found]
    return sorted(lines, key=lambda line: (line.published or date.min, line.tender.title), reverse=True)


def grouped(lines: Iterable[TenderLine]) -> list[tuple[str, Any, list[TenderLine]]]:
    """The lines by what one can do with them; the nearest deadline first where it is open."""
    found = list(lines)
    groups = [(state, label, [line for line in found if line.state == state]) for state, label in GROUPS]
    groups[0][2].sort(key=lambda line: line.round.deadline if line.round else None)  # type: ignore[arg-type,return-value]
    return groups


def tender_page(user: Any, slug: str, *, now: datetime, today: date) -> TenderPage | None:
    """The page of a tender that this user may see (a draft only officials of its region); None otherwise."""
    tender = _tenders_with_structure(user).filter(slug=slug).first()
    if tender is None:
        return None
    segments = [segment for lot in tender.lots.all() for segment in lot.segments.all()]
    return TenderPage(
        tender=tender,
        published=published_on(tender),
        open_round=_open_round(tender, now),
        lots=list(tender.lots.all()),
        matrix=_matrix(segments),
        plan=plan_lines(tender.phases.all(), today),
        log=log_lines(tender.decision_log.all()),
        stages=[_stage(tender, round) for round in tender.rounds.all()],
        awarded=_awarded(tender),
        roots=roots_of(tender),
        extensions=extensions_of(tender),
    )


def published_on(tender: Tender) -> date | None:
    """The day of publication; None for history of which it is not known (then `published_at` only says since
    when it stands in this portal)."""
    if not tender.is_history:
        return tender.published_at.date() if tender.published_at else None
    known = tender.content.get("facts", {}).get("publication_date")
    return date.fromisoformat(known) if known else None


def _line(tender: Tender, now: datetime) -> TenderLine:
    open_round = _open_round(tender, now)
    closed = tender.status in (TenderStatus.COMPLETED, TenderStatus.WITHDRAWN)
    state = "completed" if closed else "open" if open_round and open_round.stage == Stage.SELECTION else "running"
    return TenderLine(tender, state, open_round, len(tender.segments.all()), published_on(tender))


def _open_round(tender: Tender, now: datetime) -> Round | None:
    for found in tender.rounds.all():
        if found.status == RoundStatus.OPEN and found.deadline and found.deadline > now:
            return found
    return None


def _tenders_with_structure(user: Any) -> QuerySet[Tender]:
    segments = Segment.objects.order_by("position", "id").prefetch_related(
        "subsegments",
        Prefetch("participations", Participation.objects.select_related("municipality").order_by("municipality__name")),
    )
    # The seed of a draw lies sealed; the page shows what was promised of it.
    draws = Prefetch("draws", Draw.objects.defer("sealed").order_by("pk"))
    rules = SegmentRound.objects.select_related("segment").prefetch_related("criteria", draws)
    rounds = Round.objects.order_by("id").prefetch_related(
        Prefetch("segment_rounds", rules.order_by("segment__position", "segment_id")),
        Prefetch("requirements", Requirement.objects.select_related("segment").order_by("position", "id")),
    )
    return (
        Tender.objects.visible_to(user)
        .select_related("region__authority")
        .prefetch_related(
            Prefetch("lots", Lot.objects.order_by("position", "id").prefetch_related(Prefetch("segments", segments))),
            Prefetch("phases", Phase.objects.prefetch_related("replans")),
            "decision_log",
            Prefetch("rounds", rounds),
        )
    )


def _matrix(segments: list[Segment]) -> Matrix:
    towns: dict[int, Municipality] = {}
    cells: dict[tuple[int, int], Participation] = {}
    for segment in segments:
        for cell in segment.participations.all():
            towns[cell.municipality_id] = cell.municipality
            cells[cell.municipality_id, segment.pk] = cell
    ordered = sorted(towns.values(), key=lambda town: town.name)
    rows = [(town, [cells.get((town.pk, segment.pk)) for segment in segments]) for town in ordered]
    names = {segment.pk: segment for segment in segments}
    reasons = [cell for cell in cells.values() if cell.reason]
    for cell in reasons:
        cell.segment = names[cell.segment_id]
    return Matrix(segments, rows, reasons)


def _stage(tender: Tender, round: Round) -> StageRules:
    groups: dict[tuple[Any, ...], RuleGroup] = {}
    for rules in round.segment_rounds.all():
        criteria = list(rules.criteria.all())
        group = groups.setdefault(_signature(rules, criteria), RuleGroup(rules, criteria, [], _rubrics(criteria)))
        group.segments.append(rules)
    specific: dict[int, tuple[Segment, list[Requirement]]] = {}
    for requirement in round.requirements.all():
        if requirement.segment is not None:
            specific.setdefault(requirement.segment.pk, (requirement.segment, []))[1].append(requirement)
    return StageRules(
        round=round,
        intro=tender.content.get("rounds", {}).get(round.stage, {}).get("intro", ""),
        groups=list(groups.values()),
        general=[requirement for requirement in round.requirements.all() if requirement.segment is None],
        specific=sorted(specific.values(), key=lambda pair: pair[0].position),
    )


def _signature(rules: SegmentRound, criteria: list[Criterion]) -> tuple[Any, ...]:
    """What makes two segments judged alike; the number of places may differ."""
    said = tuple(
        (c.code, c.title, c.description, str(c.rubric), c.weight, c.max_value, c.minimum, c.formula, c.low, c.high)
        for c in criteria
    )
    return (rules.method, rules.minimum_total, tuple(rules.tie_break), rules.on_exclusion, said)


def _rubrics(criteria: list[Criterion]) -> list[tuple[str, list[dict[str, str]]]]:
    """What the scores mean, once for all criteria that share the same meanings."""
    found: dict[str, tuple[list[str], list[dict[str, str]]]] = {}
    for criterion in criteria:
        if criterion.kind == CriterionKind.GRADED and criterion.rubric:
            found.setdefault(str(criterion.rubric), ([], criterion.rubric))[0].append(criterion.code)
    return [(", ".join(codes), rubric) for codes, rubric in found.values()]


def _awarded(tender: Tender) -> list[Awarded]:
    """Names only of final awards: until then nobody is told here (Aw 2.57, 2.130)."""
    awards = (
        Award.objects.filter(status=AwardStatus.ACTIVE, entry__segment__tender=tender)
        .select_related("entry__segment", "entry__submission__organisation")
        .order_by("entry__segment__position", "entry__submission__organisation__name")
    )
    found: dict[int, Awarded] = {}
    for award in awards:
        segment = award.entry.segment
        found.setdefault(segment.pk, Awarded(segment, [])).names.append(award.entry.submission.organisation.name)
    return list(found.values())
