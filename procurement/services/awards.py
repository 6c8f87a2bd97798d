"""The award that becomes final, once the standstill is over and nothing holds it up (Aw 2.127-2.131)."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from achterhoek.transitions.services import transition
from procurement.domain.standstill import notice_due
from procurement.domain.states import AWARD, DECISION
from procurement.enums import AwardStatus, DecisionStatus
from procurement.models import Award, AwardNotice, Decision
from procurement.rules import require_lead
from procurement.selectors.final_award import final_hindrances
from procurement.services.letter_batches import request_final_letters
from procurement.services.locks import locked_decision, locked_segment_round


class NotFinalYet(RuleViolation):
    """Why the award cannot become final now; `reasons` has all of them."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@transaction.atomic
def finalise_award(*, decision: Decision, by: User) -> Decision:
    """Make the award final: at the earliest the day after the standstill, by the database's clock.

    Waits for every reservation of a college to be lifted, and for all that suspends to end (Aw 2.131); the database
    has the last word on that. The awards become active, every bidder is told by letter, and the notice of the award
    is due (Aw 2.134). The contracts app makes contracts of it. Raises `NotAllowed`, `NotFinalYet`, `RuleViolation`.
    """
    locked_segment_round(decision.segment_round_id)
    decision = locked_decision(decision)
    require_lead(by, decision.segment_round.round.tender)
    now = database_now()
    today = timezone.localdate(now)
    reasons = final_hindrances(decision, today)
    if reasons:
        raise NotFinalYet(reasons)
    try:
        with transaction.atomic():
            decision = transition(decision, DecisionStatus.FINAL, by=by, table=DECISION, final_at=now)
    except IntegrityError as error:
        raise NotFinalYet(
            [_("Something was filed against this award just now, which holds it up. Load the page again.")]
        ) from error
    for award in Award.objects.filter(decision=decision, status=AwardStatus.PENDING).order_by("pk"):
        transition(award, AwardStatus.ACTIVE, by=by, table=AWARD)
    notice = AwardNotice.objects.create(decision=decision, due_on=notice_due(today))
    record("procurement.awardnotice.plan", by=by, target=notice, detail={"due_on": notice.due_on.isoformat()})
    request_final_letters(decision=decision, by=by)
    return decision
