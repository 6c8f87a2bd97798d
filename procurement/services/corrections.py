"""An interest that was declared by mistake: the member says so, and only the lead can agree (Aw 1.10b, 2.132).

Nothing is erased: the declaration, who called it a mistake and why, and what was decided all stay. Agreed to, the
member is asked again about that bid; the answer is a declaration of its own.
"""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.enums import Interest, SeatRole, SegmentRoundStatus
from procurement.models import (
    Assignment,
    CommitteeMember,
    InterestCorrection,
    InterestDeclaration,
    Score,
    SegmentRound,
)
from procurement.rules import require_lead
from procurement.selectors.evaluation import seats_of
from procurement.selectors.reevaluation import criteria_to_score, given_now
from procurement.selectors.seats import scoring_seats
from procurement.services.correction_mail import tell_leads, tell_member
from procurement.services.interests import RUNNING
from procurement.services.locks import locked_segment_round


@transaction.atomic
def ask_correction(*, declaration: InterestDeclaration, reason: str, by: User) -> InterestCorrection:
    """The member says that an interest was declared by mistake, and why. The bid stays out of sight until the lead
    agrees. Raises `NotAllowed`, `RuleViolation`.
    """
    current, held = _held(declaration)
    if not seats_of(by).filter(pk=held.seat_id).exists():
        raise NotAllowed(_("Only who declared this can say that it was a mistake."))
    if not reason.strip():
        raise RuleViolation(_("Explain what was mistaken. It is part of the record."), "reason")
    if held.corrections.filter(decided_at__isnull=True).exists():
        raise RuleViolation(_("You have asked this already. The procurement lead decides."))
    made = InterestCorrection.objects.create(declaration=held, reason=reason.strip(), asked_by=by)
    tell_leads(made)
    record("procurement.interests.correction_asked", by=by, target=current, detail=_detail(made))
    return made


@transaction.atomic
def decide_correction(*, declaration: InterestDeclaration, agreed: bool, note: str, by: User) -> InterestCorrection:
    """The lead agrees that an interest was declared by mistake, or does not; also where nobody asked.

    Agreed to, it holds no longer, and the member has to declare about the bid anew before seeing it. Nobody decides on
    what they declared themselves. Raises `NotAllowed`, `RuleViolation`.
    """
    current, held = _held(declaration)
    require_lead(by, current.round.tender)
    if held.seat.user_id == by.pk:
        raise NotAllowed(_("Somebody else decides about what you declared yourself."))
    if not note.strip():
        raise RuleViolation(_("Explain your decision. It is part of the record."), "note")
    asked = held.corrections.select_for_update().filter(decided_at__isnull=True).first()
    if asked is None and not agreed:
        raise RuleViolation(_("Nobody has asked to correct this, so there is nothing to refuse."), "agreed")
    if agreed:
        _give_back(current, held)
    made = asked or InterestCorrection(declaration=held, reason=note.strip(), asked_by=by)
    made.agreed, made.note, made.decided_by, made.decided_at = agreed, note.strip(), by, database_now()
    made.save()
    tell_member(made)
    if agreed:
        record("procurement.interests.correction_agreed", by=by, target=current, detail=_detail(made))
    else:
        record("procurement.interests.correction_refused", by=by, target=current, detail=_detail(made))
    return made


def _held(declaration: InterestDeclaration) -> tuple[SegmentRound, InterestDeclaration]:
    """The interest as it is now, held, with its segment round. Raises `RuleViolation`."""
    current = locked_segment_round(declaration.seat.segment_round_id)
    found = InterestDeclaration.objects.select_for_update(of=("self",)).filter(pk=declaration.pk)
    held = found.select_related(
        "seat__user", "seat__segment_round__segment", "seat__segment_round__round__tender", "entry__submission"
    ).get()
    if held.interest == Interest.NONE:
        raise RuleViolation(_("This declaration says that there is no interest. There is nothing to take back."))
    if held.superseded_at is not None or held.seat.ended_at is not None:
        raise RuleViolation(_("This declaration holds no longer."))
    if current.status not in RUNNING:
        raise RuleViolation(_("The evaluation has ended. What was declared stays as it is."))
    return current, held


def _give_back(segment_round: SegmentRound, held: InterestDeclaration) -> None:
    """The declaration holds no longer, and the bid can be the member's again, to be judged alone or not at all."""
    seat = CommitteeMember.objects.select_for_update().get(pk=held.seat_id)
    if seat.role == SeatRole.MEMBER and not _has_scored(segment_round, held):
        _open_for(segment_round, seat)
    held.superseded_at = database_now()
    held.save(update_fields=["superseded_at"])
    given = Assignment.objects.filter(seat__segment_round=segment_round)
    if seat.role != SeatRole.MEMBER or not given.exists():
        return
    scorers = given.filter(entry=held.entry_id, seat__ended_at__isnull=True).count()
    if scorers < (segment_round.evaluators_per_bid or 0):
        Assignment.objects.get_or_create(seat=seat, entry=held.entry)


def _has_scored(segment_round: SegmentRound, held: InterestDeclaration) -> bool:
    asked = criteria_to_score(segment_round)
    given = Score.objects.filter(given_now(), entry=held.entry_id, evaluator=held.seat.user_id, criterion__in=asked)
    return given.count() == asked.count()


def _open_for(segment_round: SegmentRound, seat: CommitteeMember) -> None:
    """Who has not scored the bid still can, alone: so only as long as nobody sees the scores of others."""
    waiting = scoring_seats(segment_round).filter(handed_in_at__isnull=True)
    if segment_round.status != SegmentRoundStatus.SCORING or not waiting.exists():
        raise RuleViolation(
            _("The scores of the others can be seen already, so this bid can no longer be judged alone. It stays away.")
        )
    if seat.handed_in_at is not None:
        seat.handed_in_at = None
        seat.save(update_fields=["handed_in_at"])


def _detail(correction: InterestCorrection) -> dict[str, object]:
    held = correction.declaration
    return {
        "bid": held.entry.submission.number,
        "person": held.seat.user.email,
        "interest": held.interest,
        "reason": correction.reason,
        **({"note": correction.note} if correction.note else {}),
    }
