"""The lead's overview of a segment: all bids, criteria and evaluators as flat rows, grouped by the database.

One query a block, however many bids there are; no model instance is made of a bid or a score.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import (
    CharField,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce

from procurement.enums import CriterionKind, DecisionStatus, EntryStatus, Interest, SeatRole, SegmentRoundStatus
from procurement.models import (
    Assignment,
    ConsensusMeeting,
    ConsensusScore,
    Criterion,
    Decision,
    InterestDeclaration,
    Ranking,
    Reevaluation,
    RequirementCheck,
    Score,
    SegmentRound,
)
from procurement.selectors.basis import NOTHING, bases_now, counting_scores
from procurement.selectors.evaluation import MemberProgress, readable_segment_entries, requirements_of
from procurement.selectors.seats import bids_of_seats, current_seats

CellKey = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat that counts, with the name on screen."""

    pk: int
    user_id: int
    role: str
    name: str
    handed_in_at: datetime | None

    @property
    def scores(self) -> bool:
        return self.role == SeatRole.MEMBER


@dataclass(frozen=True, slots=True)
class Asked:
    """A criterion that people score; `decided` while the committee still decides on it."""

    pk: int
    code: str
    title: str
    decided: bool


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """A bid. `checked` counts its requirements that were judged."""

    id: int
    number: str
    organisation: str
    status: str
    checked: int

    @property
    def admitted(self) -> bool:
        return self.status == EntryStatus.ADMITTED


@dataclass(frozen=True, slots=True)
class Facts:
    """What hangs on a segment round, in numbers; one query."""

    requirements: int
    meetings: int
    ranking_id: int | None
    ranking_number: int | None
    decision_id: int | None
    divided: bool
    undeclared: int


def seats(segment_round: SegmentRound) -> list[Seat]:
    """All seats that count, in the order in which they were taken."""
    found = current_seats(segment_round).order_by("pk")
    rows = found.values_list("pk", "user_id", "role", "user__name", "user__email", "handed_in_at")
    return [Seat(pk, user_id, role, name or email, at) for pk, user_id, role, name, email, at in rows]


def criteria_of(segment_round: SegmentRound) -> list[Asked]:
    """The criteria that people score; in a re-evaluation the ones that it does not name keep what they have."""
    running = Reevaluation.objects.filter(segment_round=segment_round, finished_at__isnull=True)
    graded = Criterion.objects.filter(segment_round=segment_round, kind=CriterionKind.GRADED)
    named = Exists(running.filter(criteria=OuterRef("pk")))
    rows = list(graded.values_list("pk", "code", "title", named))
    any_named = any(row[3] for row in rows)
    return [Asked(pk, code, title, not any_named or is_named) for pk, code, title, is_named in rows]


def facts_of(segment_round: SegmentRound) -> Facts:
    """Numbers of what hangs on it."""
    of_round = {"segment_round": OuterRef("pk")}
    newest = Ranking.objects.filter(**of_round).order_by("-sequence")
    decisions = Decision.objects.filter(**of_round).exclude(status=DecisionStatus.WITHDRAWN)
    asked = requirements_of(segment_round).order_by()
    row = (
        SegmentRound.objects.filter(pk=segment_round.pk)
        .order_by()
        .values_list(
            _counted(asked),
            _counted(ConsensusMeeting.objects.filter(segment_round=segment_round).order_by()),
            Subquery(newest.values("pk")[:1]),
            Subquery(newest.values("sequence")[:1]),
            Subquery(decisions.values("pk")[:1]),
            Exists(Assignment.objects.filter(seat__segment_round=OuterRef("pk"))),
            _counted(_seats_without_any_declaration(segment_round)),
        )
        .get()
    )
    return Facts(*row)


def _seats_without_any_declaration(segment_round: SegmentRound) -> QuerySet[Any]:
    said = InterestDeclaration.objects.filter(seat=OuterRef("pk"), superseded_at__isnull=True)
    return current_seats(segment_round).filter(~Exists(said)).order_by()


def _counted(rows: QuerySet[Any]) -> Any:
    """How many there are, as a column."""
    counted = rows.annotate(one=Value(1)).values("one").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def rows_of(user: Any, segment_round: SegmentRound, *, by_name: bool = False) -> list[OverviewRow]:
    """Every bid that this user may read, by number or by organisation."""
    judged = RequirementCheck.objects.filter(entry=OuterRef("pk")).order_by().values("entry").annotate(n=Count("pk"))
    order = ["submission__organisation__name"] if by_name else []
    rows = (
        readable_segment_entries(user, segment_round)
        .order_by(*order, "submission__number", "id")
        .values_list(
            "id", "submission__number", "submission__organisation__name", "status",
            Coalesce(Subquery(judged.values("n"), output_field=IntegerField()), 0),
        )
    )  # fmt: skip
    return [OverviewRow(*row) for row in rows]


def given_in_cells(segment_round: SegmentRound) -> dict[CellKey, str]:
    """Which members gave a score, by bid and criterion, as their keys in order; never what they gave."""
    found = _graded(segment_round).values_list("entry_id", "criterion_id").annotate(who=_in_order("evaluator_id"))
    return {(entry, criterion): who for entry, criterion, who in found}


def scores_in_cells(segment_round: SegmentRound) -> dict[CellKey, tuple[str, str]]:
    """The individual scores that count, by bid and criterion: who gave one, and what, in the same order.

    As text, as the page shows them: thousands of figures are then fetched in one go. For pages after scoring alone.
    """
    shown = Func(F("value"), function="trim_scale", output_field=CharField())
    found = (
        _graded(segment_round)
        .values_list("entry_id", "criterion_id")
        .annotate(who=_in_order("evaluator_id"), what=_in_order(shown))
    )
    return {(entry, criterion): (who, what) for entry, criterion, who, what in found}


def _in_order(column: Any) -> StringAgg:
    return StringAgg(Cast(column, TextField()), " ", order_by="evaluator_id")


def consensus_in_cells(segment_round: SegmentRound) -> dict[CellKey, tuple[str, str]]:
    """The consensus scores, as text, with the digest of what each rests on, by bid and criterion."""
    shown = Cast(Func(F("value"), function="trim_scale", output_field=CharField()), TextField())
    found = ConsensusScore.objects.filter(criterion__segment_round=segment_round).order_by()
    rows = found.values_list("entry_id", "criterion_id", shown, "basis")
    return {(entry, criterion): (text, basis) for entry, criterion, text, basis in rows}


def asked_of_bids(segment_round: SegmentRound, members: list[Seat], *, divided: bool) -> dict[int, int]:
    """How many members are to score a bid, where that is not all of them: bids are divided, or somebody is tied."""
    seats_now = [seat.pk for seat in members]
    if divided:
        given = Assignment.objects.filter(seat__in=seats_now).order_by()
        return dict(given.values_list("entry_id").annotate(Count("pk")))
    tied = InterestDeclaration.objects.filter(seat__in=seats_now, superseded_at__isnull=True)
    counted = tied.exclude(interest=Interest.NONE).order_by().values_list("entry_id").annotate(Count("pk"))
    return {entry: len(members) - n for entry, n in counted}


def stale_cells(
    segment_round: SegmentRound, consensus: Mapping[CellKey, tuple[str, str]], decided: set[int]
) -> frozenset[CellKey]:
    """The consensus scores on the criteria still decided on that no longer rest on the scores that count."""
    now = bases_now(segment_round)
    return frozenset(
        key for key, (_text, basis) in consensus.items() if key[1] in decided and basis != now.get(key, NOTHING)
    )


def _graded(segment_round: SegmentRound) -> QuerySet[Score]:
    return counting_scores(segment_round).filter(criterion__kind=CriterionKind.GRADED).order_by()


def progress_of(
    segment_round: SegmentRound, members: list[Seat], given: Iterable[str], *, criteria: int
) -> list[MemberProgress]:
    """The members and how many scores each has given, of how many; `given` is who gave a score, cell by cell.

    Before the vault is open nothing is asked: the number would tell how many submitted (Aw 2.108).
    """
    counts: Counter[str] = Counter()
    for who, times in Counter(given).items():
        for key in who.split():
            counts[key] += times
    asked = {} if segment_round.status == SegmentRoundStatus.PENDING else bids_of_seats(segment_round)
    return [
        MemberProgress(seat.name, counts[str(seat.user_id)], criteria * asked.get(seat.pk, 0), seat.handed_in_at)
        for seat in members
    ]
