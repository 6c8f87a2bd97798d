"""The evaluation committee of a segment: who sits in it, and who may not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from procurement.enums import SeatRole, SegmentRoundStatus
from procurement.models import Assignment, CommitteeMember, Score, SegmentRound
from procurement.rules import require_lead
from procurement.selectors.evaluation import BEFORE_CONSENSUS, eligible_evaluators
from procurement.selectors.seats import current_seats, scoring_seats
from procurement.services.locks import locked_segment_round
from providers.models import Membership

REPLACING = (SegmentRoundStatus.SCORING, SegmentRoundStatus.CONSENSUS)
# Who leads the meeting and who looks on may also be named beforehand.
WORKING = (SegmentRoundStatus.PENDING, *REPLACING)


@transaction.atomic
def set_committee(*, segment_round: SegmentRound, users: Iterable[User], by: User) -> list[CommitteeMember]:
    """Say who evaluates this segment, until the consensus begins.

    A member is an evaluator of the region. Nobody who works for a provider may sit in it (Aw 1.10b,
    2.132): for any provider, since before the vault is open a narrower rule would tell who has bid
    (Aw 2.108). A member who has given scores stays: what was scored stays in the file.
    Raises `NotAllowed`, `RuleViolation`.
    """
    current = locked_segment_round(segment_round.pk)
    require_lead(by, current.round.tender)
    if current.status not in BEFORE_CONSENSUS:
        raise RuleViolation(_("The individual scoring is closed. The committee can no longer change."))
    wanted = {user.pk: user for user in users}
    if not wanted:
        raise RuleViolation(_("Choose at least one evaluator."), "users")
    _refuse_unfit(wanted, current, "users")
    seats = {seat.user_id: seat for seat in scoring_seats(current).select_for_update()}
    removed = seats.keys() - wanted.keys()
    _refuse_removal(removed, current)
    _refuse_after_handing_in(seats, wanted)
    _refuse_seated(wanted.keys() - seats.keys(), current, "users")
    _leave([seats[user_id] for user_id in removed])
    CommitteeMember.objects.bulk_create(
        CommitteeMember(segment_round=current, user=user) for pk, user in wanted.items() if pk not in seats
    )
    record(
        "procurement.committee.set",
        by=by,
        target=current,
        detail={"members": [user.email for user in wanted.values()]},
    )
    return list(scoring_seats(current).select_related("user"))


@transaction.atomic
def set_attendants(
    *, segment_round: SegmentRound, chair: User | None, observers: Collection[User], by: User
) -> list[CommitteeMember]:
    """Say who leads the meeting and who looks on. They score nothing; what holds for members' interests holds for them.

    One person has one seat, and there is one chair. Until the scores are fixed: also during the consensus.
    Raises `NotAllowed`, `RuleViolation`.
    """
    current = locked_segment_round(segment_round.pk)
    require_lead(by, current.round.tender)
    if current.status not in WORKING:
        raise RuleViolation(_("The scores are fixed. The committee can no longer change."))
    wanted = {user.pk: SeatRole.OBSERVER for user in observers}
    if chair is not None and chair.pk in wanted:
        raise RuleViolation(_("%(name)s cannot be chair and observer at once.") % {"name": chair}, "chair")
    if chair is not None:
        wanted[chair.pk] = SeatRole.CHAIR
    people = {user.pk: user for user in [*observers, *([chair] if chair else [])]}
    held = current_seats(current).exclude(role=SeatRole.MEMBER).select_for_update(of=("self",)).select_related("user")
    seats = {seat.user_id: seat for seat in held}
    same = {pk for pk, seat in seats.items() if wanted.get(pk) == seat.role}
    for role, field in ((SeatRole.CHAIR, "chair"), (SeatRole.OBSERVER, "observers")):
        joining = {pk: people[pk] for pk, given in wanted.items() if given == role and pk not in same}
        _refuse_unfit(joining, current, field)
        _refuse_seated(joining.keys() - seats.keys(), current, field)
    if same == seats.keys() == wanted.keys():
        return list(seats.values())
    _leave([seat for pk, seat in seats.items() if pk not in same])
    CommitteeMember.objects.bulk_create(
        CommitteeMember(segment_round=current, user_id=pk, role=role) for pk, role in wanted.items() if pk not in same
    )
    record(
        "procurement.committee.attendants",
        by=by,
        target=current,
        detail={"chair": chair.email if chair else "", "observers": sorted(user.email for user in observers)},
    )
    return list(current_seats(current).exclude(role=SeatRole.MEMBER).select_related("user"))


@transaction.atomic
def replace_member(*, seat: CommitteeMember, user: User, reason: str, by: User) -> CommitteeMember:
    """Somebody else takes over a seat, with a reason, during the scoring or the consensus.

    The old seat ends and is kept with what was scored from it, which counts no more; a consensus that rested on it has
    to be set again, since its basis has changed. The new seat takes over its bids, declares its own interests, and
    scores alone. All else stands. Raises `NotAllowed`, `RuleViolation`.
    """
    current = locked_segment_round(seat.segment_round_id)
    require_lead(by, current.round.tender)
    if current.status not in REPLACING:
        raise RuleViolation(_("A member can be replaced during the scoring and the consensus."))
    left = current_seats(current).select_for_update(of=("self",)).select_related("user").filter(pk=seat.pk).first()
    if left is None:
        raise RuleViolation(_("This seat has ended already."))
    if not reason.strip():
        raise RuleViolation(_("Give the reason for the replacement. It is part of the record."), "reason")
    _refuse_unfit({user.pk: user}, current, "user")
    _refuse_seated({user.pk}, current, "user")
    left.ended_at, left.end_reason = database_now(), reason.strip()
    left.save(update_fields=["ended_at", "end_reason"])
    joined = CommitteeMember.objects.create(segment_round=current, user=user, role=left.role, replaces=left)
    taken = list(left.assignments.select_related("entry__submission"))
    Assignment.objects.bulk_create(Assignment(seat=joined, entry=row.entry, by_hand=row.by_hand) for row in taken)
    scores = Score.objects.filter(criterion__segment_round=current, evaluator=left.user_id)
    record(
        "procurement.committee.replaced",
        by=by,
        target=current,
        detail={
            "role": left.role,
            "left": left.user.email,
            "joined": user.email,
            "reason": left.end_reason,
            "had_handed_in": left.handed_in_at is not None,
            "scores_kept": scores.count(),
            "bids": sorted(row.entry.submission.number for row in taken),
        },
    )
    return joined


def _leave(seats: Iterable[CommitteeMember]) -> None:
    """A seat from which nothing was said is taken away; one that declared about bidders ends, and is kept."""
    ended = database_now()
    for seat in seats:
        if seat.declarations.exists() or seat.replaces_id is not None:
            seat.ended_at, seat.end_reason = ended, _("No longer chosen for the committee.")
            seat.save(update_fields=["ended_at", "end_reason"])
        else:
            seat.delete()


def _refuse_unfit(wanted: Mapping[int, User], segment_round: SegmentRound, field: str) -> None:
    fit = set(eligible_evaluators(segment_round).filter(pk__in=wanted).values_list("pk", flat=True))
    unfit = [user for pk, user in wanted.items() if pk not in fit]
    if not unfit:
        return
    user = unfit[0]
    if Membership.objects.filter(user=user).exists():
        message = _("%(name)s works for a provider and may not evaluate. Choose somebody else.")
    else:
        message = _("%(name)s is not an evaluator in this region. Choose somebody else.")
    raise RuleViolation(message % {"name": user}, field)


def _refuse_seated(joining: Collection[int], segment_round: SegmentRound, field: str) -> None:
    """One person has one seat; and whose scores stopped counting does not come back with them."""
    scored = Score.objects.filter(criterion__segment_round=segment_round).values("evaluator")
    for seat in segment_round.committee.filter(user__in=joining).select_related("user").order_by("-pk"):
        if seat.ended_at is None:
            message = _("%(name)s has a seat in this committee already. Choose somebody else.")
            raise RuleViolation(message % {"name": seat.user}, field)
    for seat in segment_round.committee.filter(user__in=joining, user_id__in=scored).select_related("user"):
        message = _("%(name)s has left this committee after scoring, and cannot come back.")
        raise RuleViolation(message % {"name": seat.user}, field)


def _refuse_after_handing_in(seats: Mapping[int, CommitteeMember], wanted: Mapping[int, User]) -> None:
    """Nobody leaves once somebody has handed in, and nobody joins once all have.

    Scores show when all members have handed in: leaving out for a moment who still scores would show them early,
    and who joins afterwards would not judge alone.
    """
    handed_in = [seat for seat in seats.values() if seat.handed_in_at is not None]
    if handed_in and seats.keys() - wanted.keys():
        raise RuleViolation(
            _("Somebody has handed in already, so nobody can leave any more. Replace the member instead."),
            "users",
        )
    if seats and len(handed_in) == len(seats) and wanted.keys() - seats.keys():
        raise RuleViolation(_("All members have handed in already, so nobody can join any more."), "users")


def _refuse_removal(removed: set[int], segment_round: SegmentRound) -> None:
    scored = (
        Score.objects.filter(criterion__segment_round=segment_round, evaluator_id__in=removed)
        .select_related("evaluator")
        .first()
    )
    if scored is not None:
        message = _("%(name)s has given scores already and stays in the committee. Replace the member instead.")
        raise RuleViolation(message % {"name": scored.evaluator}, "users")
