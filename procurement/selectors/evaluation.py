"""Questions about the evaluation of a segment: what is to be scored, by whom, and how far they are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import RoleAssignment, User
from achterhoek.accounts.roles import has_role, in_regions_of
from procurement.domain.score_scale import ScoreChoice, score_choices
from procurement.domain.visibility import ScoreAccess, ScoringRound, Viewer, ViewerRole, score_access
from procurement.enums import CriterionKind, EntryStatus, SeatRole, SegmentRoundStatus, SubmissionStatus
from procurement.models import CommitteeMember, Criterion, Entry, Requirement, Score, SegmentRound, Tender
from procurement.rules import overseen
from procurement.selectors.gate import readable_entries
from procurement.selectors.reevaluation import asked_criteria, criteria_to_score, given_now
from procurement.selectors.seats import (
    cleared_declarations,
    entries_to_score,
    is_late,
    late_seats,
    scores_or_may_yet,
    scoring_seats,
    still_to_declare,
    tied_seat,
)
from providers.models import Membership

# While scores may still be given, or have not yet begun to be.
BEFORE_CONSENSUS = (SegmentRoundStatus.PENDING, SegmentRoundStatus.SCORING)


@dataclass(frozen=True, slots=True)
class SegmentProgress:
    """A seat in a committee: how many entries this evaluator has finished, and which is next."""

    seat: CommitteeMember
    done: int
    total: int
    next_entry: int | None

    @property
    def to_declare(self) -> bool:
        """Whether there are bidders about whom this evaluator has yet to declare interests."""
        return bool(getattr(self.seat, "to_declare", False))

    @property
    def closed(self) -> bool:
        """Nothing left to do here: handed in, or the individual scoring has ended."""
        if self.to_declare or is_late(self.seat):
            return False
        return self.seat.handed_in_at is not None or self.seat.segment_round.status != SegmentRoundStatus.SCORING


@dataclass(frozen=True, slots=True)
class MemberProgress:
    """How far one member is: numbers only, which tell nothing of the scores."""

    name: str
    given: int
    asked: int
    handed_in_at: Any


@dataclass(frozen=True, slots=True)
class MissingScores:
    """An entry that this evaluator has not finished, and the criteria that lack a score."""

    entry_id: int
    number: str
    organisation: str
    codes: tuple[str, ...]


def segment_entries(segment_round: SegmentRound) -> QuerySet[Entry]:
    """All submitted stakes in this segment, in the order of their numbers. Not for screens: those ask the gate."""
    return Entry.objects.filter(
        submission__round_id=segment_round.round_id,
        segment_id=segment_round.segment_id,
        submission__status=SubmissionStatus.SUBMITTED,
    ).order_by("submission__number", "id")


def readable_segment_entries(user: Any, segment_round: SegmentRound) -> QuerySet[Entry]:
    """The submitted stakes in this segment that this user may read now."""
    return readable_entries(user).filter(
        submission__round_id=segment_round.round_id,
        segment_id=segment_round.segment_id,
        submission__status=SubmissionStatus.SUBMITTED,
    )


def graded_criteria(segment_round: SegmentRound) -> QuerySet[Criterion]:
    """The criteria that people score; a price is computed."""
    return segment_round.criteria.filter(kind=CriterionKind.GRADED)


def requirements_of(segment_round: SegmentRound) -> QuerySet[Requirement]:
    """The general minimum requirements of the round and those of this segment."""
    return Requirement.objects.filter(round_id=segment_round.round_id).filter(
        Q(segment__isnull=True) | Q(segment_id=segment_round.segment_id)
    )


def choices_for(criterion: Criterion, segment_round: SegmentRound) -> tuple[ScoreChoice, ...]:
    """The scores that may be given on this criterion."""
    tender = segment_round.round.tender
    return score_choices(tender.scale_max, tender.score_step, criterion.rubric)


def managed_segment_rounds(user: Any) -> QuerySet[SegmentRound]:
    """Segment rounds of the regions in which this user is procurement lead, or auditor to look."""
    found = SegmentRound.objects.select_related("segment", "round__tender__region")
    return found.filter(overseen(user, region="round__tender__region"))


def evaluations_of_tender(user: Any, tender: Tender) -> QuerySet[SegmentRound]:
    """The segment rounds of one tender, with how many members each committee has."""
    return (
        managed_segment_rounds(user)
        .filter(round__tender=tender)
        .annotate(
            members=Count("committee", filter=Q(committee__ended_at__isnull=True, committee__role=SeatRole.MEMBER))
        )
        .order_by("round_id", "segment__position", "pk")
    )


def eligible_evaluators(segment_round: SegmentRound) -> QuerySet[User]:
    """Evaluators of the region without a tie to any provider (Aw 1.10b)."""
    region_id = segment_round.round.tender.region_id
    roles = RoleAssignment.objects.filter(user=OuterRef("pk"), role=Role.EVALUATOR).filter(
        Q(region__isnull=True) | Q(region_id=region_id)
    )
    ties = Membership.objects.filter(user=OuterRef("pk"))
    return get_user_model()._default_manager.filter(Exists(roles), ~Exists(ties), is_active=True).order_by("name", "pk")


def seats_of(user: Any) -> QuerySet[CommitteeMember]:
    """The committees this evaluator sits in, in whatever role, of segments whose scoring has begun.

    Somebody who has become a member of a bidding organisation since loses the seat's access (Aw 1.10b).
    """
    if not has_role(user, Role.EVALUATOR):
        return CommitteeMember.objects.none()
    mine = _seats_without_tie().filter(user=user.pk)
    return mine.filter(in_regions_of(user, Role.EVALUATOR, field="segment_round__round__tender__region"))


@cache
def _seats_without_tie() -> QuerySet[CommitteeMember]:
    """What `seats_of` asks for everybody alike; to build it takes longer than to ask it."""
    return (
        CommitteeMember.objects.select_related("segment_round__segment", "segment_round__round__tender")
        .filter(~tied_seat(), ended_at__isnull=True)
        .exclude(segment_round__status=SegmentRoundStatus.PENDING)
        .order_by("segment_round__round__tender__title", "segment_round__segment__position", "pk")
    )


def evaluator_overview(user: Any) -> list[SegmentProgress]:
    """This evaluator's segments with progress in entries; four queries, however many there are.

    In a re-evaluation: in what is scored again, and that anew.
    """
    seats = list(seats_of(user).annotate(to_declare=still_to_declare()))
    pairs = {(s.segment_round.round_id, s.segment_round.segment_id): s.segment_round_id for s in seats}
    asked = _asked_counts(pairs.values())
    open_entries: dict[int, list[tuple[int, int]]] = defaultdict(list)
    if seats:
        rows = (
            Entry.objects.filter(
                submission__round_id__in={round_id for round_id, _ in pairs},
                segment_id__in={segment_id for _, segment_id in pairs},
                submission__status=SubmissionStatus.SUBMITTED,
                status=EntryStatus.ADMITTED,
                pk__in=cleared_declarations(user).values("entry"),
            )
            .annotate(given=_given_by(user))
            .order_by("submission__number", "id")
            .values_list("submission__round_id", "segment_id", "id", "given")
        )
        for round_id, segment_id, entry_id, given in rows:
            if (round_id, segment_id) in pairs:
                open_entries[pairs[round_id, segment_id]].append((entry_id, given))
    return [_progress(seat, open_entries[seat.segment_round_id], asked[seat.segment_round_id]) for seat in seats]


def _given_by(user: Any) -> Subquery:
    """How many scores this evaluator gave on an entry, of those that are asked now."""
    scores = Score.objects.filter(given_now(), entry=OuterRef("pk"), evaluator=user.pk, criterion__in=asked_criteria())
    return Subquery(scores.order_by().values(n=Func(F("pk"), function="COUNT")), output_field=IntegerField())


def _asked_counts(segment_round_ids: Any) -> dict[int, int]:
    counts = (
        asked_criteria()
        .filter(segment_round_id__in=list(segment_round_ids))
        .order_by()
        .values_list("segment_round_id")
        .annotate(Count("pk"))
    )
    return defaultdict(int, dict(counts))


def _progress(seat: CommitteeMember, entries: list[tuple[int, int]], asked: int) -> SegmentProgress:
    unfinished = [entry_id for entry_id, given in entries if given < asked]
    return SegmentProgress(seat, len(entries) - len(unfinished), len(entries), unfinished[0] if unfinished else None)


def missing_scores(seat: CommitteeMember) -> list[MissingScores]:
    """What this evaluator still has to score before handing in; three queries.

    In a re-evaluation: only what is scored again, and that anew.
    """
    segment_round = seat.segment_round
    codes = dict(criteria_to_score(segment_round).values_list("pk", "code"))
    given: dict[int, set[int]] = defaultdict(set)
    scores = Score.objects.filter(given_now(), evaluator=seat.user_id, criterion_id__in=codes)
    for entry_id, criterion_id in scores.values_list("entry_id", "criterion_id"):
        given[entry_id].add(criterion_id)
    entries = entries_to_score(seat).values_list("id", "submission__number", "submission__organisation__name")
    return [
        MissingScores(entry_id, number, name, tuple(code for pk, code in codes.items() if pk not in given[entry_id]))
        for entry_id, number, name in entries
        if len(given[entry_id]) < len(codes)
    ]


def own_scores(seat: CommitteeMember, entry: Entry) -> dict[int, Score]:
    """This evaluator's own scores of an entry, by criterion."""
    return {score.criterion_id: score for score in entry.scores.filter(evaluator=seat.user_id)}


def scoring_state(segment_round: SegmentRound, entry: Entry | None = None) -> ScoringRound:
    """Who is to score and who has handed in, as the pure rule of visibility wants it; of one bid, or of all.

    Of one bid: who has it, and no interest in it. A member that has yet to declare counts as one who is to score.
    """
    seats = scoring_seats(segment_round)
    if entry is not None:
        seats = seats.filter(scores_or_may_yet(entry))
    rows = list(seats.values_list("user_id", "handed_in_at"))
    return ScoringRound(
        assigned=frozenset(user_id for user_id, _ in rows),
        handed_in=frozenset(user_id for user_id, at in rows if at is not None),
        closed=segment_round.status not in BEFORE_CONSENSUS,
        late=frozenset(late_seats(segment_round).values_list("user_id", flat=True)),
    )


def lead_access(user: Any, segment_round: SegmentRound) -> ScoreAccess:
    """What the lead or the auditor may see of the scores now: nothing while members still score alone."""
    role = ViewerRole.LEAD if has_role(user, Role.LEAD) else ViewerRole.AUDITOR
    return score_access(Viewer(user.pk, role), scoring_state(segment_round))


def find_segment_round(pk: int) -> SegmentRound:
    """For a worker, which acts for somebody; the service asks whether that person may."""
    return SegmentRound.objects.select_related("segment", "round__tender").get(pk=pk)


def find_user(pk: int) -> User:
    """The person for whom a worker acts."""
    return User.objects.get(pk=pk)
