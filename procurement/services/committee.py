"""The evaluation committee of a segment: who sits in it, and who may not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from procurement.models import CommitteeMember, Score, SegmentRound
from procurement.rules import require_lead
from procurement.selectors.evaluation import BEFORE_CONSENSUS, eligible_evaluators
from procurement.selectors.seats import scoring_seats
from procurement.services.locks import locked_segment_round
from providers.models import Membership


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
    _refuse_unfit(wanted, current)
    seats = {seat.user_id: seat for seat in scoring_seats(current).select_for_update()}
    removed = seats.keys() - wanted.keys()
    _refuse_removal(removed, current)
    _refuse_after_handing_in(seats, wanted)
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


def _leave(seats: Iterable[CommitteeMember]) -> None:
    """A seat from which nothing was said is taken away; one that declared about bidders ends, and is kept."""
    ended = database_now()
    for seat in seats:
        if seat.declarations.exists():
            seat.ended_at, seat.end_reason = ended, _("No longer chosen for the committee.")
            seat.save(update_fields=["ended_at", "end_reason"])
        else:
            seat.delete()


def _refuse_unfit(wanted: dict[int, User], segment_round: SegmentRound) -> None:
    fit = set(eligible_evaluators(segment_round).filter(pk__in=wanted).values_list("pk", flat=True))
    unfit = [user for pk, user in wanted.items() if pk not in fit]
    if not unfit:
        return
    user = unfit[0]
    if Membership.objects.filter(user=user).exists():
        message = _("%(name)s works for a provider and may not evaluate. Choose somebody else.")
    else:
        message = _("%(name)s is not an evaluator in this region. Choose somebody else.")
    raise RuleViolation(message % {"name": user}, "users")


def _refuse_after_handing_in(seats: Mapping[int, CommitteeMember], wanted: Mapping[int, User]) -> None:
    """Nobody leaves once somebody has handed in, and nobody joins once all have.

    Scores show when all members have handed in: leaving out for a moment who still scores would show them early,
    and who joins afterwards would not judge alone.
    """
    handed_in = [seat for seat in seats.values() if seat.handed_in_at is not None]
    if handed_in and seats.keys() - wanted.keys():
        raise RuleViolation(
            _("Somebody has handed in already, so nobody can leave any more. Close the scoring with a reason instead."),
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
        raise RuleViolation(
            _("%(name)s has given scores already and stays in the committee.") % {"name": scored.evaluator},
            "users",
        )
