"""What the pages of scoring show: the sheet of one bid, and the lists of bids, each in one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    JSONField,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce, JSONObject

from procurement.domain.score_scale import plain_text
from procurement.enums import CriterionKind, EntryStatus, RoundStatus, SeatRole, SegmentRoundStatus, SubmissionStatus
from procurement.models import (
    Clarification,
    CommitteeMember,
    Criterion,
    Entry,
    ReasonPhrase,
    Reevaluation,
    Score,
    ScoreDraft,
    ScoringNote,
    SegmentRound,
)
from procurement.selectors.evaluation import seats_of, segment_entries
from procurement.selectors.naming import named
from procurement.selectors.reevaluation import given_now
from procurement.selectors.seats import cleared_declarations, cleared_entries, is_late


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands filled in on one criterion: what is being typed goes before the score that counts."""

    value: str = ""
    reason: str = ""
    given: bool = False
    draft: bool = False

    @property
    def texts(self) -> tuple[str, str]:
        return self.value, self.reason


@dataclass(frozen=True, slots=True)
class Sheet:
    """One bid before one evaluator: the criteria, what stands filled in, and whether it may change now."""

    seat: int
    role: str
    handed_in: bool
    late: bool
    segment_round: SegmentRound
    criteria: tuple[Criterion, ...]
    closed: frozenset[int]
    shown: dict[int, Shown]
    entry_status: str | None
    number: str

    @property
    def in_time(self) -> bool:
        """The individual scoring runs, or this seat was taken over and still scores."""
        status = self.segment_round.status
        return status == SegmentRoundStatus.SCORING or (status == SegmentRoundStatus.CONSENSUS and self.late)

    @property
    def writable(self) -> bool:
        scores = self.role == SeatRole.MEMBER and not self.handed_in and self.in_time
        return scores and self.entry_status == EntryStatus.ADMITTED


def sheet_of(user: Any, segment_round: int, entry: int) -> Sheet | None:
    """The sheet of one bid in one query; None where this user has no seat here."""
    seats = seats_of(user).filter(segment_round=segment_round)
    seat = JSONObject(id=F("pk"), role=F("role"), handed_in=F("handed_in_at"), replaces=F("replaces"))
    mine = cleared_declarations(user).filter(seat__segment_round=segment_round, entry=entry)
    status = Entry.objects.filter(
        pk__in=mine.values("entry"),
        submission__status=SubmissionStatus.SUBMITTED,
        submission__round__status=RoundStatus.OPENED,
    )
    bid = JSONObject(status=F("status"), number=F("submission__number"))
    filled = JSONObject(value=Cast("value", CharField()), reason=F("reason"))
    own = Score.objects.filter(entry=entry, evaluator=user.pk, criterion=OuterRef("pk"))
    typed = ScoreDraft.objects.filter(
        entry=entry, seat__user=user.pk, seat__ended_at__isnull=True, criterion=OuterRef("pk")
    )
    begun = Reevaluation.objects.filter(segment_round=segment_round, finished_at__isnull=True)
    found = list(
        Criterion.objects.filter(segment_round=segment_round, kind=CriterionKind.GRADED)
        .select_related("segment_round__segment", "segment_round__round__tender")
        .annotate(
            seat_row=Subquery(seats.order_by().values(row=seat)[:1], output_field=JSONField()),
            entry_row=Subquery(status.values(row=bid)[:1], output_field=JSONField()),
            score_row=Subquery(own.values(row=filled)[:1], output_field=JSONField()),
            draft_row=Subquery(typed.values(row=filled)[:1], output_field=JSONField()),
            is_closed=Exists(begun) & ~Exists(begun.filter(criteria=OuterRef("pk"))),
        )
    )
    if not found or found[0].seat_row is None:
        return None
    row, entry_row = found[0].seat_row, found[0].entry_row or {}
    return Sheet(
        seat=row["id"],
        role=row["role"],
        handed_in=row["handed_in"] is not None,
        late=row["replaces"] is not None,
        segment_round=found[0].segment_round,
        criteria=tuple(found),
        closed=frozenset(criterion.pk for criterion in found if criterion.is_closed),
        shown={criterion.pk: _shown(criterion.score_row, criterion.draft_row) for criterion in found},
        entry_status=entry_row.get("status"),
        number=entry_row.get("number", ""),
    )


def _shown(score: dict[str, str] | None, draft: dict[str, str | None] | None) -> Shown:
    row: Any = draft or score or {"value": None, "reason": ""}
    value = plain_text(Decimal(row["value"])) if row["value"] is not None else ""
    return Shown(value, row["reason"], given=score is not None, draft=draft is not None)


def entry_to_read(user: Any, sheet: Sheet, entry: int) -> Entry | None:
    """The bid, with this evaluator's private note, the lead's phrases, and whether it was clarified; one query."""
    if sheet.entry_status is None:
        return None
    note = ScoringNote.objects.filter(seat=sheet.seat, entry=OuterRef("pk"))
    phrases = ReasonPhrase.objects.filter(segment_round=sheet.segment_round)
    return (
        Entry.objects.filter(pk=entry)
        .select_related("submission__organisation")
        .annotate(
            note_text=Coalesce(Subquery(note.values("text")[:1]), Value(""), output_field=TextField()),
            is_flagged=Exists(note.filter(flagged=True)),
            phrases=ArraySubquery(phrases.values(row=JSONObject(pk=F("pk"), text=F("text")))),
            was_clarified=Exists(
                Clarification.objects.filter(submission=OuterRef("submission"), answered_at__isnull=False)
            ),
        )
        .first()
    )


def may_score(seat: CommitteeMember) -> bool:
    """Whether this seat gives scores now: during the individual scoring or as a late one, until handed in."""
    if seat.role != SeatRole.MEMBER or seat.handed_in_at is not None:
        return False
    return seat.segment_round.status == SegmentRoundStatus.SCORING or is_late(seat)


@dataclass(slots=True)
class BidRow:
    """One line of an evaluator's list."""

    id: int
    number: str
    organisation: str
    status: str
    given: int
    typed: int
    flagged: bool
    asked: int

    @property
    def admitted(self) -> bool:
        return self.status == EntryStatus.ADMITTED

    @property
    def done(self) -> bool:
        return self.given >= self.asked


def bid_rows(
    seat_id: int, user_id: int, criteria: Sequence[int], segment_round: SegmentRound, *, hidden: bool
) -> list[BidRow]:
    """The bids that a seat may read, with how many of these criteria it has scored; flat rows, one query."""
    seat = CommitteeMember(pk=seat_id, user_id=user_id, segment_round=segment_round)
    scored = _count(Score.objects.filter(given_now(), evaluator=user_id, criterion__in=criteria))
    drafts = _count(ScoreDraft.objects.filter(seat=seat_id, criterion__in=criteria))
    rows = (
        segment_entries(segment_round)
        .filter(pk__in=cleared_entries(seat))
        .annotate(
            given=Coalesce(scored, 0),
            typed=Coalesce(drafts, 0),
            flagged=Exists(ScoringNote.objects.filter(seat=seat_id, entry=OuterRef("pk"), flagged=True)),
        )
        .values_list(
            "id", "submission__number", "submission__organisation__name", "status", "given", "typed", "flagged"
        )
    )
    asked = len(criteria)
    return [
        BidRow(pk, number, named(hidden, number, name), status, given, typed, flagged, asked)
        for pk, number, name, status, given, typed, flagged in rows
    ]


@dataclass(frozen=True, slots=True)
class CriterionProgress:
    """How far an evaluator is with one criterion over all bids, and the first bid that is still open there."""

    criterion: Criterion
    done: int
    total: int
    next_entry: int | None


def criterion_progress(user_id: int, criteria: Sequence[Criterion], rows: Sequence[BidRow]) -> list[CriterionProgress]:
    """Of each criterion how many of these bids have been scored by this evaluator, of those that count; one query."""
    given = Score.objects.filter(given_now(), evaluator=user_id, criterion__in=criteria).order_by()
    scored = dict(given.values_list("criterion_id").annotate(bids=ArrayAgg("entry_id")))
    bids = [row.id for row in rows if row.admitted]
    found = []
    for criterion in criteria:
        done = set(scored.get(criterion.pk, ()))
        left = [bid for bid in bids if bid not in done]
        found.append(CriterionProgress(criterion, len(bids) - len(left), len(bids), left[0] if left else None))
    return found


def _count(rows: QuerySet[Any]) -> Subquery:
    counted = rows.filter(entry=OuterRef("pk")).order_by().values("entry").annotate(n=Count("pk")).values("n")
    return Subquery(counted, output_field=IntegerField())
