"""The lead's overview of a segment: all bids, criteria and evaluators as flat rows, grouped by the database.

One query a block, however many bids there are; no model instance is made of a bid or a score. What hangs on the key
of the segment alone is a prepared read: to write its SQL takes longer than to ask it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any, NamedTuple

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import (
    CharField,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
)
from django.db.models.functions import Cast

from achterhoek.prepared import Prepared
from procurement.enums import CriterionKind, DecisionStatus, EntryStatus, Interest, SeatRole, SegmentRoundStatus
from procurement.models import (
    Assignment,
    CommitteeMember,
    ConsensusMeeting,
    ConsensusScore,
    Criterion,
    Decision,
    InterestDeclaration,
    Ranking,
    Reevaluation,
    Requirement,
    RequirementCheck,
    Score,
    SegmentRound,
)
from procurement.selectors.basis import NOTHING, bases_now, counting_scores
from procurement.selectors.evaluation import MemberProgress, readable_segment_entries
from procurement.selectors.reevaluation import given_now
from procurement.selectors.seats import current_seats, scoring_seats

CellKey = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat that counts, with the name on screen."""

    pk: int
    user_id: int
    role: str
    name: str
    handed_in_at: datetime | None
    declared: bool

    @property
    def scores(self) -> bool:
        return self.role == SeatRole.MEMBER


@dataclass(frozen=True, slots=True)
class Asked:
    """A criterion that people score; `decided` while the committee still decides on it, `again` where it does anew."""

    pk: int
    code: str
    title: str
    decided: bool
    again: bool


class OverviewRow(NamedTuple):
    """A bid. `checked` counts its requirements that were judged."""

    id: int
    number: str
    organisation: str
    status: str
    checked: int

    @property
    def admitted(self) -> bool:
        return self.status == EntryStatus.ADMITTED


class Scorers(NamedTuple):
    """Who is to score a bid: the seats that may read it, as text, and how many are waited for."""

    cleared: str
    asked: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What hangs on a segment round, in numbers; they came along with it."""

    requirements: int
    meetings: int
    ranking_id: int | None
    decision_id: int | None
    divided: bool
    undeclared: int


def seats(segment_round: SegmentRound) -> list[Seat]:
    """All seats that count, in the order in which they were taken, and whether they declared anything."""
    rows = _seats(segment_round.pk)
    return [Seat(pk, user, role, name or email, at, declared) for pk, user, role, name, email, at, declared in rows]


def _seats_of(key: int) -> QuerySet[CommitteeMember, Any]:
    said = InterestDeclaration.objects.filter(seat=OuterRef("pk"), superseded_at__isnull=True)
    return (
        current_seats(SegmentRound(pk=key))
        .order_by("pk")
        .values_list("pk", "user_id", "role", "user__name", "user__email", "handed_in_at", Exists(said))
    )


_seats = Prepared(_seats_of, int)


def criteria_of(segment_round: SegmentRound) -> list[Asked]:
    """The criteria that people score; in a re-evaluation the ones that it does not name keep what they have."""
    rows = _criteria(segment_round.pk)
    any_named = any(row[3] for row in rows)
    return [Asked(pk, code, title, not any_named or is_named, is_named) for pk, code, title, is_named in rows]


def _criteria_of(key: int) -> QuerySet[Criterion, Any]:
    running = Reevaluation.objects.filter(segment_round=key, finished_at__isnull=True)
    graded = Criterion.objects.filter(segment_round=key, kind=CriterionKind.GRADED)
    return graded.values_list("pk", "code", "title", Exists(running.filter(criteria=OuterRef("pk"))))


_criteria = Prepared(_criteria_of, int)


def with_facts(found: QuerySet[SegmentRound]) -> QuerySet[SegmentRound]:
    """Segment rounds with the numbers of what hangs on them, in the same query."""
    return found.annotate(**_facts())


@cache
def _facts() -> dict[str, Any]:
    """The columns of `with_facts`; to build them takes longer than to ask for them, so they are built once."""
    of_round: dict[str, Any] = {"segment_round": OuterRef("pk")}
    asked = Requirement.objects.filter(
        Q(segment__isnull=True) | Q(segment=OuterRef("segment_id")), round=OuterRef("round_id")
    )
    newest = Ranking.objects.filter(**of_round).order_by("-sequence")
    decisions = Decision.objects.filter(**of_round).exclude(status=DecisionStatus.WITHDRAWN)
    return {
        "requirements_asked": _counted(asked),
        "meetings_held": _counted(ConsensusMeeting.objects.filter(**of_round)),
        "newest_ranking": Subquery(newest.values("pk")[:1]),
        "decision_now": Subquery(decisions.values("pk")[:1]),
        "is_divided": Exists(Assignment.objects.filter(seat__segment_round=OuterRef("pk"))),
    }


def facts_of(segment_round: Any, seats_now: list[Seat]) -> Facts:
    """Numbers of what hangs on a segment round that `with_facts` found."""
    return Facts(
        requirements=segment_round.requirements_asked,
        meetings=segment_round.meetings_held,
        ranking_id=segment_round.newest_ranking,
        decision_id=segment_round.decision_now,
        divided=segment_round.is_divided,
        undeclared=sum(not seat.declared for seat in seats_now),
    )


def _counted(rows: QuerySet[Any]) -> Any:
    """How many there are, as a column: COUNT as a function, since an aggregate would group by the outer row."""
    return Subquery(rows.order_by().values(n=Func(F("pk"), function="COUNT")), output_field=IntegerField())


def rows_of(user: Any, segment_round: SegmentRound, *, by_name: bool = False) -> list[OverviewRow]:
    """Every bid that this user may read, by number or by organisation."""
    order = ["submission__organisation__name"] if by_name else []
    rows = (
        readable_segment_entries(user, segment_round)
        .order_by(*order, "submission__number", "id")
        .values_list("id", "submission__number", "submission__organisation__name", "status", _checked())
    )
    return [OverviewRow(*row) for row in rows]


@cache
def _checked() -> Any:
    """How many requirements of a bid were judged."""
    return _counted(RequirementCheck.objects.filter(entry=OuterRef("pk")))


def given_in_cells(segment_round: SegmentRound, *, again: bool) -> dict[CellKey, str]:
    """Which members gave a score, by bid and criterion, as their keys in order; never what they gave.

    `again`: some criteria are scored again, so on those only what was given since counts.
    """
    rows = _given[segment_round.status == SegmentRoundStatus.CONSENSUS, again](segment_round.pk)
    return {(entry, criterion): who for entry, criterion, who in rows}


def scores_in_cells(segment_round: SegmentRound) -> dict[CellKey, tuple[str, str]]:
    """The individual scores that count, by bid and criterion: who gave one, and what, in the same order.

    As text, as the page shows them: thousands of figures are then fetched in one go. For pages after scoring alone.
    """
    rows = _scored[segment_round.status == SegmentRoundStatus.CONSENSUS](segment_round.pk)
    return {(entry, criterion): (who, what) for entry, criterion, who, what in rows}


def _given_of(key: int, *, late: bool, again: bool) -> QuerySet[Score, Any]:
    found = _graded(key, late=late)
    found = found.filter(given_now()) if again else found
    return found.values_list("entry_id", "criterion_id").annotate(who=_in_order("evaluator_id"))


def _scored_of(key: int, *, late: bool) -> QuerySet[Score, Any]:
    shown = Func(F("value"), function="trim_scale", output_field=CharField())
    found = _graded(key, late=late).values_list("entry_id", "criterion_id")
    return found.annotate(who=_in_order("evaluator_id"), what=_in_order(shown))


def _graded(key: int, *, late: bool) -> QuerySet[Score]:
    """`late`: in the consensus some may score still, of whom nothing counts yet."""
    status = SegmentRoundStatus.CONSENSUS if late else SegmentRoundStatus.SCORING
    found = counting_scores(SegmentRound(pk=key, status=status))
    return found.filter(criterion__kind=CriterionKind.GRADED).order_by()


def _in_order(column: Any) -> StringAgg:
    return StringAgg(Cast(column, TextField()), " ", order_by="evaluator_id")


_given = {
    (late, again): Prepared(partial(_given_of, late=late, again=again), int)
    for late in (False, True)
    for again in (False, True)
}
_scored = {late: Prepared(partial(_scored_of, late=late), int) for late in (False, True)}


def consensus_in_cells(segment_round: SegmentRound) -> dict[CellKey, tuple[str, str]]:
    """The consensus scores, as text, with the digest of what each rests on, by bid and criterion."""
    return {(entry, criterion): (text, basis) for entry, criterion, text, basis in _consensus(segment_round.pk)}


def _consensus_of(key: int) -> QuerySet[ConsensusScore, Any]:
    shown = Cast(Func(F("value"), function="trim_scale", output_field=CharField()), TextField())
    found = ConsensusScore.objects.filter(criterion__segment_round=key).order_by()
    return found.values_list("entry_id", "criterion_id", shown, "basis")


_consensus = Prepared(_consensus_of, int)


def scorers_of_bids(segment_round: SegmentRound, members: list[Seat], *, divided: bool) -> dict[int, Scorers]:
    """Who is to score each bid; one query, or two where bids are divided. A bid of which nothing is said is missing.

    Before the vault is open nothing is asked: the number would tell how many submitted (Aw 2.108).
    """
    if segment_round.status == SegmentRoundStatus.PENDING:
        return {}
    scoring = len(members)
    found = {entry: Scorers(cleared or "", scoring - tied) for entry, cleared, tied in _declared(segment_round.pk)}
    if divided:
        for entry, own in _assigned(segment_round.pk):
            mine = own.split()
            cleared = set(found[entry].cleared.split()) if entry in found else set()
            found[entry] = Scorers(" ".join(key for key in mine if key in cleared), len(mine))
    return found


def _declared_of(key: int) -> QuerySet[InterestDeclaration, Any]:
    free = Q(interest=Interest.NONE)
    said = InterestDeclaration.objects.filter(seat__in=_scoring(key), superseded_at__isnull=True).order_by()
    rows = said.values_list("entry_id")
    return rows.annotate(free=_seats_in_order(free), tied=Count("pk", filter=~free))


def _assigned_of(key: int) -> QuerySet[Assignment, Any]:
    given = Assignment.objects.filter(seat__in=_scoring(key)).order_by()
    return given.values_list("entry_id").annotate(own=_seats_in_order(None))


def _scoring(key: int) -> QuerySet[Any, Any]:
    return scoring_seats(SegmentRound(pk=key)).values("pk")


def _seats_in_order(which: Q | None) -> StringAgg:
    return StringAgg(Cast("seat_id", TextField()), " ", order_by="seat_id", filter=which)


_declared, _assigned = Prepared(_declared_of, int), Prepared(_assigned_of, int)


def stale_cells(
    segment_round: SegmentRound, consensus: Mapping[CellKey, tuple[str, str]], decided: set[int]
) -> frozenset[CellKey]:
    """The consensus scores on the criteria still decided on that no longer rest on the scores that count."""
    now = bases_now(segment_round)
    return frozenset(
        key for key, (_text, basis) in consensus.items() if key[1] in decided and basis != now.get(key, NOTHING)
    )


def progress_of(
    members: list[Seat], given: Iterable[str], scorers: Iterable[Scorers], *, criteria: int
) -> list[MemberProgress]:
    """The members and how many scores each has given, of how many.

    `given`: who gave a score, cell by cell, on the criteria that are open; `scorers`: of each bid that counts.
    """
    scores = _times(given)
    bids = _times(one.cleared for one in scorers)
    return [
        MemberProgress(seat.name, scores[str(seat.user_id)], criteria * bids[str(seat.pk)], seat.handed_in_at)
        for seat in members
    ]


def _times(lists: Iterable[str]) -> Counter[str]:
    """How often each key stands in these lists; few different ones make up thousands."""
    counts: Counter[str] = Counter()
    for keys, times in Counter(lists).items():
        for key in keys.split():
            counts[key] += times
    return counts
