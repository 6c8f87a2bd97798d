"""Which member scores which bid: divided from a seed, changed by hand, and given to another after an interest."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.errors import RuleViolation
from procurement.domain import assignment as rule
from procurement.enums import EntryStatus, Interest, SegmentRoundStatus
from procurement.models import Assignment, CommitteeMember, Entry, InterestDeclaration, Score, SegmentRound
from procurement.rules import require_lead
from procurement.selectors.evaluation import segment_entries
from procurement.selectors.seats import scoring_seats
from procurement.services.locks import locked_segment_round


@transaction.atomic
def divide(*, segment_round: SegmentRound, per_bid: int, seed: str = "", by: User) -> SegmentRound:
    """Divide the bids among the members: `per_bid` for each, evenly, never to somebody with a declared interest.

    Who has scored a bid already keeps it. The seed is kept and shown: with it anybody can replay the division.
    Raises `NotAllowed`, `RuleViolation`.
    """
    current = _locked(segment_round, by)
    seats = {
        seat.user.email: seat for seat in scoring_seats(current).select_for_update(of=("self",)).select_related("user")
    }
    _refuse_handed_in(seats.values())
    if not 1 <= per_bid <= len(seats):
        message = _("Choose a number from 1 up to the number of members, which is now %(count)d.")
        raise RuleViolation(message % {"count": len(seats)}, "per_bid")
    seed = seed.strip() or secrets.token_hex(16)
    entries = {e.submission.number: e for e in _admitted(current)}
    division = rule.divide(
        bids=list(entries),
        members=list(seats),
        per_bid=per_bid,
        seed=seed,
        conflicts=_interests(seats.values()),
        kept=_scored(seats.values()),
    )
    Assignment.objects.filter(seat__in=seats.values()).delete()
    Assignment.objects.bulk_create(
        Assignment(seat=seats[member], entry=entries[number])
        for number, found in division.members_of.items()
        for member in sorted(found)
    )
    current.evaluators_per_bid, current.assignment_seed = per_bid, seed
    current.save(update_fields=["evaluators_per_bid", "assignment_seed"])
    record(
        "procurement.assignment.divided",
        by=by,
        target=current,
        detail={
            "per_bid": per_bid,
            "seed": seed,
            "bids": {number: sorted(found) for number, found in sorted(division.members_of.items())},
            "short": list(division.short),
        },
    )
    return current


@transaction.atomic
def undivide(*, segment_round: SegmentRound, by: User) -> SegmentRound:
    """Every member scores every bid again. Raises `NotAllowed`, `RuleViolation`."""
    current = _locked(segment_round, by)
    _refuse_handed_in(scoring_seats(current).select_for_update())
    Assignment.objects.filter(seat__segment_round=current).delete()
    current.evaluators_per_bid, current.assignment_seed = None, ""
    current.save(update_fields=["evaluators_per_bid", "assignment_seed"])
    record("procurement.assignment.undone", by=by, target=current)
    return current


@transaction.atomic
def assign_by_hand(*, segment_round: SegmentRound, entry: Entry, seats: Collection[CommitteeMember], by: User) -> None:
    """Say who scores one bid, in a segment whose bids are divided.

    Who has scored it keeps it, who has handed in gets nothing more, and who declared an interest never gets it.
    Raises `NotAllowed`, `RuleViolation`.
    """
    current = _locked(segment_round, by)
    if not Assignment.objects.filter(seat__segment_round=current).exists():
        raise RuleViolation(_("The bids are not divided: every member scores all of them. Divide them first."))
    if not _admitted(current).filter(pk=entry.pk).exists():
        raise RuleViolation(_("This entry is not for this segment."))
    if not seats:
        raise RuleViolation(_("Choose at least one member for this bid."), "seats")
    open_seats = {s.pk: s for s in scoring_seats(current).select_for_update(of=("self",)).select_related("user")}
    before = set(Assignment.objects.filter(seat__in=open_seats, entry=entry).values_list("seat_id", flat=True))
    wanted = {seat.pk for seat in seats}
    _refuse_by_hand(entry, open_seats, before, wanted)
    Assignment.objects.filter(seat__in=before - wanted, entry=entry).delete()
    Assignment.objects.bulk_create(Assignment(seat_id=pk, entry=entry, by_hand=True) for pk in sorted(wanted - before))
    record(
        "procurement.assignment.by_hand",
        by=by,
        target=current,
        detail={
            "bid": entry.submission.number,
            "before": sorted(open_seats[pk].user.email for pk in before),
            "after": sorted(open_seats[pk].user.email for pk in wanted),
        },
    )


def _refuse_by_hand(entry: Entry, seats: dict[int, CommitteeMember], before: set[int], wanted: set[int]) -> None:
    if wanted - seats.keys():
        raise RuleViolation(_("Choose members of this committee only."), "seats")
    interested = InterestDeclaration.objects.filter(seat__in=wanted, entry=entry, superseded_at__isnull=True).exclude(
        interest=Interest.NONE
    )
    for pk in interested.values_list("seat_id", flat=True):
        message = _("%(name)s declared an interest in this bid and cannot score it.")
        raise RuleViolation(message % {"name": seats[pk].user}, "seats")
    for pk in wanted - before:
        if seats[pk].handed_in_at is not None:
            message = _("%(name)s has handed in and takes no more bids.")
            raise RuleViolation(message % {"name": seats[pk].user}, "seats")
    gone = {seats[pk].user_id: seats[pk] for pk in before - wanted}
    for user_id in Score.objects.filter(entry=entry, evaluator__in=gone).values_list("evaluator_id", flat=True):
        message = _("%(name)s has scored this bid already and keeps it.")
        raise RuleViolation(message % {"name": gone[user_id].user}, "seats")


def give_away(*, seat: CommitteeMember, entries: Iterable[Entry]) -> dict[str, str | None]:
    """The bids in which this seat has an interest go to whoever has the fewest; called within the declaring.

    Gives the number of each bid with the e-mail address of who takes over, None where there is nobody left.
    """
    current = seat.segment_round
    others = {
        s.user.email: s
        for s in scoring_seats(current).filter(handed_in_at__isnull=True).exclude(pk=seat.pk).select_related("user")
    }
    load = _loads(current)
    barred = _interests(others.values()) | _assigned(others.values())
    taken: dict[str, str | None] = {}
    for entry in entries:
        number = entry.submission.number
        gone, _rows = Assignment.objects.filter(seat=seat, entry=entry).delete()
        if not gone:
            continue
        taken[number] = None
        if current.status == SegmentRoundStatus.SCORING:
            free = {member for member, bid in barred if bid == number}
            taken[number] = rule.substitute(
                bid=number, members=others, load=load, barred=free, seed=current.assignment_seed
            )
        member = taken[number]
        if member is not None:
            Assignment.objects.create(seat=others[member], entry=entry)
            load[member] += 1
    return taken


def _locked(segment_round: SegmentRound, by: User) -> SegmentRound:
    """The segment round, held, while it is scored: before the opening nobody knows the bids (Aw 2.108)."""
    current = locked_segment_round(segment_round.pk)
    require_lead(by, current.round.tender)
    if current.status == SegmentRoundStatus.PENDING:
        raise RuleViolation(_("The bids can be divided when the vault is opened."))
    if current.status != SegmentRoundStatus.SCORING:
        raise RuleViolation(_("The individual scoring is closed. The bids can no longer be divided."))
    return current


def _refuse_handed_in(seats: Iterable[CommitteeMember]) -> None:
    if any(seat.handed_in_at is not None for seat in seats):
        raise RuleViolation(_("Somebody has handed in already. Change who scores a bid by hand."))


def _admitted(segment_round: SegmentRound) -> QuerySet[Entry]:
    return segment_entries(segment_round).filter(status=EntryStatus.ADMITTED).select_related("submission")


def _interests(seats: Iterable[CommitteeMember]) -> set[rule.Pair]:
    """Member and bid, by e-mail address and number, of declared interests."""
    held = InterestDeclaration.objects.filter(seat__in=list(seats), superseded_at__isnull=True)
    return set(held.exclude(interest=Interest.NONE).values_list("seat__user__email", "entry__submission__number"))


def _assigned(seats: Iterable[CommitteeMember]) -> set[rule.Pair]:
    rows = Assignment.objects.filter(seat__in=list(seats))
    return set(rows.values_list("seat__user__email", "entry__submission__number"))


def _scored(seats: Collection[CommitteeMember]) -> set[rule.Pair]:
    """What members have scored already, in this segment."""
    rounds = {seat.segment_round_id for seat in seats}
    rows = Score.objects.filter(evaluator__in=[s.user_id for s in seats], criterion__segment_round__in=rounds)
    return set(rows.values_list("evaluator__email", "entry__submission__number"))


def _loads(segment_round: SegmentRound) -> Counter[str]:
    rows = Assignment.objects.filter(seat__in=scoring_seats(segment_round))
    return Counter(dict(rows.order_by().values_list("seat__user__email").annotate(Count("pk"))))
