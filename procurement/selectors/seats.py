"""Seats in committees: which bids each may read, which it is to score, and who scores a bid.

A seat reads a bid when it has not ended and declared about that very bid, its parties as they are now, to have no
interest (Aw 1.10b, 2.132). Members read, where bids are divided, only their own; chair and observers read all.

Conditions that are the same for everybody are built once: to build them takes longer than to ask them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role
from procurement.enums import EntryStatus, Interest, SeatRole, SegmentRoundStatus, SubmissionStatus
from procurement.models import Assignment, CommitteeMember, Entry, InterestDeclaration, SegmentRound
from providers.models import Membership


@cache
def tied_seat(user_path: str = "user") -> Exists:
    """A seat of somebody who works for a provider: for any, as at the naming of the committee, and also where that
    began after it. A narrower rule would miss the subcontractors of bidders, and tell who has bid (Aw 2.108).
    """
    return Exists(Membership.objects.filter(user=OuterRef(user_path)))


def current_seats(segment_round: SegmentRound) -> QuerySet[CommitteeMember]:
    """The seats that count: those that have not ended, whatever their role."""
    return segment_round.committee.filter(ended_at__isnull=True)


def scoring_seats(segment_round: SegmentRound) -> QuerySet[CommitteeMember]:
    """The seats that score: members that have not ended."""
    return current_seats(segment_round).filter(role=SeatRole.MEMBER)


@cache
def _cleared() -> QuerySet[InterestDeclaration]:
    """Declarations of no interest that hold, of seats that count, about bids that these seats are there for."""
    divided = Assignment.objects.filter(seat__segment_round=OuterRef("seat__segment_round"))
    given = Assignment.objects.filter(seat=OuterRef("seat"), entry=OuterRef("entry"))
    return InterestDeclaration.objects.filter(
        ~Q(seat__role=SeatRole.MEMBER) | Exists(given) | ~Exists(divided),
        superseded_at__isnull=True,
        interest=Interest.NONE,
        seat__ended_at__isnull=True,
        seat__segment_round__round=F("entry__submission__round"),
        seat__segment_round__segment=F("entry__segment"),
    )


@cache
def _cleared_without_tie() -> QuerySet[InterestDeclaration]:
    return _cleared().filter(~tied_seat("seat__user"))


def cleared_declarations(user: Any) -> QuerySet[InterestDeclaration]:
    """Through which declarations this evaluator reads bids."""
    if not has_role(user, Role.EVALUATOR):
        return InterestDeclaration.objects.none()
    return _cleared_without_tie().filter(seat__user=user)


def entries_to_score(seat: CommitteeMember) -> QuerySet[Entry]:
    """What this seat is to score: admitted bids without an interest, and where bids are divided only the own ones."""
    if seat.role != SeatRole.MEMBER:
        return Entry.objects.none()
    return Entry.objects.filter(
        pk__in=_cleared().filter(seat=seat).values("entry"),
        status=EntryStatus.ADMITTED,
        submission__status=SubmissionStatus.SUBMITTED,
    ).order_by("submission__number", "id")


def cleared_entries(seat: CommitteeMember) -> QuerySet[Any, Any]:
    """The keys of the bids that this seat may read."""
    entries: QuerySet[Any, Any] = _cleared().filter(seat=seat).values("entry")
    return entries


def scores_or_may_yet(entry: Entry) -> Q:
    """Seats that are to score this bid, or may have to once they declare: no interest declared, and it is theirs."""
    declared = InterestDeclaration.objects.filter(seat=OuterRef("pk"), entry=entry, superseded_at__isnull=True)
    divided = Assignment.objects.filter(seat__segment_round=OuterRef("segment_round"))
    given = Assignment.objects.filter(seat=OuterRef("pk"), entry=entry)
    return ~Exists(declared.exclude(interest=Interest.NONE)) & (Exists(given) | ~Exists(divided))


def scorers_of(entry_ids: Any) -> QuerySet[InterestDeclaration]:
    """Who is to score these bids: one row for each bid and seat."""
    return _cleared().filter(seat__role=SeatRole.MEMBER, entry__in=entry_ids)


def late_seats(segment_round: SegmentRound) -> QuerySet[CommitteeMember]:
    """Who took over a seat and still scores, also when the individual scoring of the others is closed."""
    if segment_round.status != SegmentRoundStatus.CONSENSUS:
        return CommitteeMember.objects.none()
    return scoring_seats(segment_round).filter(replaces__isnull=False, handed_in_at__isnull=True)


def is_late(seat: CommitteeMember) -> bool:
    """Whether this seat was taken over and still scores although the individual scoring of the others is closed."""
    return (
        seat.segment_round.status == SegmentRoundStatus.CONSENSUS
        and seat.role == SeatRole.MEMBER
        and seat.replaces_id is not None
        and seat.handed_in_at is None
        and seat.ended_at is None
    )


@cache
def still_to_declare() -> Exists:
    """Of seats: whether there is a bid about which the seat has yet to declare, or has to again."""
    held = InterestDeclaration.objects.filter(
        seat=OuterRef(OuterRef("pk")), entry=OuterRef("pk"), superseded_at__isnull=True
    )
    return Exists(
        Entry.objects.filter(
            ~Exists(held),
            submission__round=OuterRef("segment_round__round"),
            segment=OuterRef("segment_round__segment"),
            submission__status=SubmissionStatus.SUBMITTED,
        )
    )


def undeclared_entries(seat: CommitteeMember) -> QuerySet[Entry]:
    """The bids about which this seat has yet to declare, or has to again."""
    held = InterestDeclaration.objects.filter(seat=seat, entry=OuterRef("pk"), superseded_at__isnull=True)
    return Entry.objects.filter(
        ~Exists(held),
        submission__round=seat.segment_round.round_id,
        segment=seat.segment_round.segment_id,
        submission__status=SubmissionStatus.SUBMITTED,
    )


def may_score(seat: CommitteeMember) -> bool:
    """Whether this seat gives scores now: during the individual scoring, or as a late one; until handed in."""
    if seat.handed_in_at is not None or seat.ended_at is not None or seat.role != SeatRole.MEMBER:
        return False
    return seat.segment_round.status == SegmentRoundStatus.SCORING or is_late(seat)
