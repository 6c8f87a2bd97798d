"""Collegebesluiten: each college decides on an award for itself; the last one to agree approves it."""

from __future__ import annotations

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.accounts.roles import municipality_ids_of
from achterhoek.clock import database_now
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.links import absolute
from achterhoek.mail.services import queue_mail
from achterhoek.transitions.services import transition
from procurement.domain.states import COLLEGE_DECISION, DECISION
from procurement.enums import CollegeDecisionStatus, DecisionStatus
from procurement.models import CollegeDecision, Decision
from procurement.services.decision_mail import tell_mandate_holders
from procurement.services.decision_rules import require_newest
from procurement.services.locks import locked_decision

AGREED = (CollegeDecisionStatus.APPROVED, CollegeDecisionStatus.RESERVED)
NEEDS_TEXT = (CollegeDecisionStatus.RESERVED, CollegeDecisionStatus.REJECTED)


def require_college(college_decision: CollegeDecision, by: User) -> None:
    """Only the secretary of this very municipality speaks for its college."""
    if college_decision.municipality_id not in municipality_ids_of(by):
        raise NotAllowed(_("This decision belongs to the college of another municipality."))


@transaction.atomic
def decide_as_college(
    *, college_decision: CollegeDecision, outcome: str, by: User, reservation: str = ""
) -> CollegeDecision:
    """Record what one college decided: approved, approved with a reservation, or not approved.

    The decision itself is locked first, so that two secretaries come one after the other and exactly
    one of them, the last, approves it. A rejection leaves the award unapproved, and the lead hears of it.
    Raises `NotAllowed`, `RuleViolation`.
    """
    decision = locked_decision(college_decision.decision)
    require_college(college_decision, by)
    if outcome not in (*AGREED, CollegeDecisionStatus.REJECTED):
        raise RuleViolation(_("Choose what the college decided."), "outcome")
    text = reservation.strip()
    if outcome in NEEDS_TEXT and not text:
        raise RuleViolation(_reason_wanted(outcome), "reservation")
    if decision.status != DecisionStatus.PROPOSED:
        raise RuleViolation(_("This award is no longer waiting for a decision of the colleges."))
    require_newest(decision)
    decided = transition(
        college_decision, outcome, by=by, table=COLLEGE_DECISION,
        reservation=text if outcome in NEEDS_TEXT else "", decided_by=by, decided_at=database_now(),
    )  # fmt: skip
    if outcome == CollegeDecisionStatus.REJECTED:
        _tell_lead(decision, decided)
    elif not CollegeDecision.objects.filter(decision=decision).exclude(status__in=AGREED).exists():
        decision = transition(decision, DecisionStatus.APPROVED, by=by, table=DECISION, approved_at=database_now())
        tell_mandate_holders(decision)
    return decided


def _reason_wanted(outcome: str) -> str:
    if outcome == CollegeDecisionStatus.RESERVED:
        return _("Write down the reservation of the college.")
    return _("Write down why the college does not approve.")


def _tell_lead(decision: Decision, rejected: CollegeDecision) -> None:
    lead = decision.proposed_by
    with translation.override("nl"):
        queue_mail(
            key=f"college-rejected:{rejected.pk}",
            to=lead.email,
            subject=_("The college of %(municipality)s does not approve: %(segment)s")
            % {"municipality": rejected.municipality, "segment": decision.segment_round.segment},
            body=_(
                "The college of %(municipality)s does not approve the award of %(segment)s.\n\n"
                "Reason: %(reason)s\n\nThe award goes no further. Withdraw it with the reason, and propose a new one. "
                "You find it in the portal: %(link)s"
            )
            % {
                "municipality": rejected.municipality,
                "segment": decision.segment_round.segment,
                "reason": rejected.reservation,
                "link": absolute("procurement:decision", decision.pk),
            },
        )


@transaction.atomic
def lift_reservation(*, college_decision: CollegeDecision, by: User) -> CollegeDecision:
    """The same college lifts its reservation. Its text stays on file. Raises `NotAllowed`, `RuleViolation`."""
    decision = locked_decision(college_decision.decision)
    require_college(college_decision, by)
    if decision.status in (DecisionStatus.FINAL, DecisionStatus.WITHDRAWN):
        raise RuleViolation(_("This award is final or withdrawn; there is nothing left to lift."))
    return transition(college_decision, CollegeDecisionStatus.APPROVED, by=by, table=COLLEGE_DECISION)
