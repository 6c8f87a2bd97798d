"""Individual scores: each evaluator alone, until handed in; and the end of scoring alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import ClockTimestamp
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.enums import EntryStatus, SeatRole, SegmentRoundStatus
from procurement.models import CommitteeMember, Criterion, Entry, Score, SegmentRound
from procurement.selectors.evaluation import (
    MissingScores,
    missing_scores,
    seats_of,
    segment_entries,
)
from procurement.selectors.seats import entries_to_score, is_late, still_to_declare
from procurement.services.closing import close_scoring
from procurement.services.committee import set_committee
from procurement.services.consensus import check_requirement, fix_scores, record_consensus, refuse_off_scale
from procurement.services.reevaluation import refuse_closed
from procurement.services.score_seal import commitment_of
from procurement.services.scoring import refuse_short

__all__ = [
    "check_requirement",
    "close_scoring",
    "fix_scores",
    "hand_in",
    "record_consensus",
    "save_score",
    "set_committee",
]

# How many things that are missing are named; the rest is counted.
NAMED = 5


@transaction.atomic
def save_score(*, entry: Entry, criterion: Criterion, value: Decimal, reason: str, by: User) -> Score:
    """Give or change one's own score, with its reason, until one has handed in.

    The seat's row is locked: two tabs of one evaluator come one after the other, and so do a score
    and the handing in. The audit event does not hold the score, which is secret until all are in.
    Raises `NotAllowed`, `RuleViolation`.
    """
    seat = _own_seat(criterion.segment_round, by)
    _refuse_handed_in(seat)
    _refuse_foreign(entry, criterion, seat)
    refuse_off_scale(criterion, seat.segment_round, value)
    refuse_closed(seat.segment_round, criterion)
    refuse_short(reason, seat.segment_round)
    score, _created = Score.objects.update_or_create(
        entry=entry, criterion=criterion, evaluator=by, defaults={"value": value, "reason": reason.strip()}
    )
    seal = {"criterion": criterion.code, "commitment": commitment_of(score)}
    record("procurement.score.saved", by=by, target=entry, detail=seal)
    return score


@transaction.atomic
def hand_in(*, segment_round: SegmentRound | int, by: User) -> CommitteeMember:
    """End one's own scoring. Possible when every admitted entry has all scores; it cannot be undone.

    Raises `NotAllowed`, `RuleViolation` (with what is missing).
    """
    seat = _own_seat(segment_round, by)
    _refuse_handed_in(seat)
    if seat.to_declare:
        raise RuleViolation(_("First declare whether you have an interest in the bidders."))
    missing = missing_scores(seat)
    if missing:
        raise RuleViolation(_missing_text(missing))
    seat.handed_in_at = seat.moment
    seat.save(update_fields=["handed_in_at"])
    record("procurement.scores.handed_in", by=by, target=seat.segment_round)
    handed_in: CommitteeMember = seat
    return handed_in


def _own_seat(segment_round: SegmentRound | int, by: User) -> Any:
    """The seat from which this evaluator scores, locked, with the segment round and the moment as they are now.

    Chair and observers have a seat too, but score nothing.
    """
    CommitteeMember.objects.select_for_update().filter(segment_round=segment_round, user=by).first()
    # Read only after the lock is held: what another transaction changed meanwhile is seen here.
    now = seats_of(by).annotate(to_declare=still_to_declare(), moment=ClockTimestamp())
    seat = now.filter(segment_round=segment_round, role=SeatRole.MEMBER).first()
    if seat is None:
        raise NotAllowed(_("You are not in the committee of this segment, or its scoring has not begun."))
    if seat.segment_round.status != SegmentRoundStatus.SCORING and not is_late(seat):
        raise RuleViolation(_("The individual scoring is closed. Scores can no longer change."))
    return seat


def _refuse_handed_in(seat: CommitteeMember) -> None:
    if seat.handed_in_at is not None:
        raise RuleViolation(_("You have handed in your scores. They can no longer change."))


def _refuse_foreign(entry: Entry, criterion: Criterion, seat: CommitteeMember) -> None:
    status = segment_entries(seat.segment_round).filter(pk=entry.pk).values_list("status", flat=True).first()
    if status is None or criterion.segment_round_id != seat.segment_round_id:
        raise RuleViolation(_("This entry is not for this segment."))
    if status != EntryStatus.ADMITTED:
        raise RuleViolation(_("This entry is no longer admitted and takes no scores."))
    if not entries_to_score(seat).filter(pk=entry.pk).exists():
        raise NotAllowed(_("This bid is not yours to score: declare your interests first, or it was given to another."))


def _missing_text(missing: list[MissingScores]) -> str:
    named = "; ".join(f"{item.number} ({', '.join(item.codes)})" for item in missing[:NAMED])
    message = ngettext(
        "You cannot hand in yet. %(count)d entry lacks scores: %(named)s.",
        "You cannot hand in yet. %(count)d entries lack scores: %(named)s.",
        len(missing),
    )
    if len(missing) > NAMED:
        named += " …"
    return message % {"count": len(missing), "named": named}
