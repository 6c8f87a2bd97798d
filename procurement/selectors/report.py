"""What the evaluation report says: how it was judged and by whom, and what came out, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from achterhoek.documents.gate import reads
from achterhoek.documents.models import StoredFile
from procurement.enums import CriterionKind, Interest
from procurement.models import (
    CommitteeMember,
    ConsensusMeeting,
    ConsensusScore,
    Criterion,
    Draw,
    EvaluationReport,
    InterestDeclaration,
    Ranking,
    Requirement,
    RequirementCheck,
    SegmentRound,
)
from procurement.selectors.draw import draw_for
from procurement.selectors.evaluation import managed_segment_rounds, requirements_of
from procurement.selectors.ranking import RankingLine, ranking_lines
from procurement.selectors.reevaluation import reevaluations_of
from procurement.selectors.seats import undeclared_entries

REPORT_FILE = "evaluation_report"


@dataclass(frozen=True, slots=True)
class Seat:
    """A member, and what the declarations say in general words: never about whom, never the explanation."""

    member: CommitteeMember
    declared_all: bool
    withdrew: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """One bid: its place, and each criterion with its consensus score, the motivation and the points."""

    line: RankingLine
    scores: tuple[tuple[Criterion, Decimal | None, str, Decimal | None], ...]
    unmet: tuple[tuple[Requirement, str], ...]


@dataclass(frozen=True, slots=True)
class ReportContent:
    segment_round: SegmentRound
    ranking: Ranking
    criteria: tuple[Criterion, ...]
    requirements: tuple[Requirement, ...]
    seats: tuple[Seat, ...]
    lines: tuple[RankingLine, ...]
    bids: tuple[Judged, ...]
    draw: Draw | None
    meetings: tuple[ConsensusMeeting, ...]
    reevaluations: tuple[Any, ...]


def visible_reports(user: Any) -> QuerySet[EvaluationReport]:
    """For the lead and the auditor of the region."""
    found = EvaluationReport.objects.filter(segment_round__in=managed_segment_rounds(user))
    return found.select_related("file", "asked_by", "ranking").defer("ranking__dossier", "ranking__result")


@reads(REPORT_FILE)
def may_read_report(user: Any, stored: StoredFile) -> bool:
    """The gate's rule for the files of reports."""
    return bool(user.is_authenticated) and visible_reports(user).filter(file=stored).exists()


def reports_of(user: Any, segment_round: SegmentRound) -> list[EvaluationReport]:
    """The reports of a segment, the newest first. One query."""
    return list(visible_reports(user).filter(segment_round=segment_round).order_by("-sequence"))


def report_content(ranking: Ranking) -> ReportContent:
    """All that the report of this ranking says."""
    found = ranking.segment_round
    criteria = tuple(found.criteria.all())
    lines = tuple(ranking_lines(ranking))
    meetings = ConsensusMeeting.objects.filter(segment_round=found).order_by("held_on", "pk")
    return ReportContent(
        segment_round=found,
        ranking=ranking,
        criteria=criteria,
        requirements=tuple(requirements_of(found)),
        seats=_seats(found),
        lines=lines,
        bids=_bids(found, criteria, lines),
        draw=draw_for(ranking),
        meetings=tuple(meetings.prefetch_related("present__user")),
        reevaluations=tuple(reversed(reevaluations_of(found))),
    )


def _seats(segment_round: SegmentRound) -> tuple[Seat, ...]:
    """The seats in their order; a query for each, since a committee is small."""
    words = dict(Interest.choices)
    interests: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    declared = InterestDeclaration.objects.filter(seat__segment_round=segment_round, superseded_at__isnull=True)
    for seat, interest in declared.exclude(interest=Interest.NONE).values_list("seat_id", "interest"):
        interests[seat][str(words[Interest(interest)])] += 1
    members = segment_round.committee.select_related("user", "segment_round__round").order_by("pk")
    return tuple(
        Seat(member, not undeclared_entries(member).exists(), tuple(sorted(interests[member.pk].items())))
        for member in members
    )


def _bids(
    segment_round: SegmentRound, criteria: tuple[Criterion, ...], lines: tuple[RankingLine, ...]
) -> tuple[Judged, ...]:
    given = {
        (entry, criterion): (value, reason)
        for entry, criterion, value, reason in ConsensusScore.objects.filter(
            criterion__segment_round=segment_round
        ).values_list("entry_id", "criterion_id", "value", "reason")
    }
    unmet: dict[int, list[tuple[Requirement, str]]] = defaultdict(list)
    checks = RequirementCheck.objects.filter(met=False, entry__in=[line.entry_id for line in lines])
    for check in checks.select_related("requirement").order_by("requirement__position", "requirement_id"):
        unmet[check.entry_id].append((check.requirement, check.reason))
    return tuple(
        Judged(
            line,
            tuple(
                (criterion, *given.get((line.entry_id, criterion.pk), (None, "")), dict(line.points)[criterion.code])
                for criterion in criteria
                if criterion.kind == CriterionKind.GRADED
            ),
            tuple(unmet[line.entry_id]),
        )
        for line in lines
    )
