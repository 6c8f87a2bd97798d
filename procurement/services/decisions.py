"""Decisions: proposed on a ranking, signed by a mandate holder, withdrawn before they are sent.

The other steps have modules of their own: the colleges (`colleges`), the letters (`letters`), and the award
that becomes final (`awards`). All of them can be imported from here.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from achterhoek.transitions.services import transition
from procurement.domain.states import DECISION
from procurement.enums import DecisionStatus, SegmentRoundStatus, Stage
from procurement.models import CollegeDecision, Decision, Participation, SegmentRound
from procurement.rules import require_lead, require_role
from procurement.selectors.ranking import decision_in_force
from procurement.services.awards import finalise_award
from procurement.services.colleges import decide_as_college, lift_reservation
from procurement.services.decision_mail import tell_colleges, tell_mandate_holders, tell_signed
from procurement.services.decision_rules import is_award, newest_ranking, require_decided_outcomes, require_newest
from procurement.services.letter_batches import (
    request_final_letters,
    request_invitations,
    request_sending,
    request_withdrawal,
    retry_letter,
    stop_batches,
    stop_withdrawal,
)
from procurement.services.locks import locked_decision, locked_segment_round
from procurement.services.motivation import compose_motivations
from procurement.services.reevaluation import refuse_unexplained

__all__ = [
    "decide_as_college",
    "finalise_award",
    "lift_reservation",
    "propose_decision",
    "request_final_letters",
    "request_invitations",
    "request_sending",
    "request_withdrawal",
    "retry_letter",
    "sign_decision",
    "stop_withdrawal",
    "withdraw_decision",
]


@transaction.atomic
def propose_decision(
    *, segment_round: SegmentRound, by: User, note: str = "", ranking_id: int | None = None
) -> Decision:
    """Propose a decision on the newest ranking. An award is laid before each college that takes part.

    `ranking_id` is the one the lead looked at: where a newer one was made meanwhile, it is refused.
    Raises `NotAllowed`, `RuleViolation` (not ranked, a draw is needed, a decision is in force already).
    """
    segment_round = locked_segment_round(segment_round.pk)
    require_lead(by, segment_round.round.tender)
    if decision_in_force(segment_round) is not None:
        raise RuleViolation(_("There is a decision on this segment already. Withdraw it first."))
    if segment_round.status != SegmentRoundStatus.RANKED:
        raise RuleViolation(_("Make the ranking of this segment first."))
    refuse_unexplained(segment_round)
    newest = newest_ranking(segment_round)
    if ranking_id is not None and ranking_id != newest.pk:
        raise RuleViolation(_("A newer ranking was made meanwhile. Look at it first."))
    require_decided_outcomes(newest)
    try:
        with transaction.atomic():
            decision = Decision.objects.create(
                segment_round=segment_round, ranking=newest, note=note.strip(), proposed_by=by
            )
    except IntegrityError as error:
        raise RuleViolation(_("There is a decision on this segment already. Withdraw it first.")) from error
    if segment_round.round.stage == Stage.AWARD:
        _lay_before_colleges(decision)
        tell_colleges(decision)
    else:
        tell_mandate_holders(decision)
    compose_motivations(decision=decision, by=by)
    record("procurement.decision.propose", by=by, target=decision, detail={"ranking": newest.digest})
    return decision


def _lay_before_colleges(decision: Decision) -> None:
    """One decision of a college for every municipality that buys this segment here (the matrix is data)."""
    municipalities = Participation.objects.filter(
        segment=decision.segment_round.segment, participates=True
    ).values_list("municipality_id", flat=True)
    if not municipalities:
        raise RuleViolation(_("No municipality takes part in this segment, so no college can decide on it."))
    CollegeDecision.objects.bulk_create(
        CollegeDecision(decision=decision, municipality_id=municipality_id) for municipality_id in municipalities
    )


@transaction.atomic
def sign_decision(*, decision: Decision, mandate: str, by: User) -> Decision:
    """A mandate holder signs: a selection that was proposed, or an award that all its colleges approved.

    `mandate` is the rule that lets this person sign for the authority. Whoever proposed the decision does not sign
    it. Raises `NotAllowed`, `RuleViolation`.
    """
    decision = locked_decision(decision)
    require_role(by, decision.segment_round.round.tender, Role.MANDATE)
    if decision.proposed_by_id == by.pk:
        raise RuleViolation(_("You proposed this decision yourself. Somebody else with a mandate has to sign it."))
    if decision.status in (DecisionStatus.ADOPTED, DecisionStatus.SENT, DecisionStatus.FINAL):
        raise RuleViolation(_("This decision is signed already."))
    if decision.status == DecisionStatus.WITHDRAWN:
        raise RuleViolation(_("This decision was withdrawn. There is nothing left to sign."))
    if is_award(decision) and decision.status == DecisionStatus.PROPOSED:
        raise RuleViolation(_("The colleges have not all decided yet. You can sign after that."))
    require_newest(decision)
    if not mandate.strip():
        raise RuleViolation(_("Write on which mandate you sign."), "mandate")
    decision = transition(
        decision, DecisionStatus.ADOPTED, by=by, table=DECISION,
        adopted_at=database_now(), signed_by=by, mandate=mandate.strip(), detail={"mandate": mandate.strip()},
    )  # fmt: skip
    tell_signed(decision)
    return decision


@transaction.atomic
def withdraw_decision(*, decision: Decision, reason: str, by: User) -> Decision:
    """Take a decision back, with the reason, as long as nothing was sent. The segment can be decided anew.

    What was sent is taken back by letter (`request_withdrawal`). Raises `NotAllowed`, `RuleViolation`.
    """
    decision = locked_decision(decision)
    require_lead(by, decision.segment_round.round.tender)
    if not reason.strip():
        raise RuleViolation(_("Give the reason why you withdraw this decision."), "reason")
    if decision.sent_at is not None:
        raise RuleViolation(_("This decision has been sent to the bidders. It is withdrawn by letters to all of them."))
    decision = transition(
        decision, DecisionStatus.WITHDRAWN, by=by, table=DECISION, reason=reason.strip(),
        withdrawn_at=database_now(), withdrawal_reason=reason.strip(),
    )  # fmt: skip
    stop_batches(decision=decision, by=by)
    return decision
