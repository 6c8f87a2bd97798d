"""The award that becomes final, once the standstill is over (Aw 2.127-2.131)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from achterhoek.nlds.formatting import format_day
from achterhoek.transitions.services import transition
from procurement.domain.states import AWARD, DECISION
from procurement.enums import AwardStatus, BatchPurpose, BatchStatus, CollegeDecisionStatus, DecisionStatus
from procurement.models import Award, Decision, LetterBatch
from procurement.rules import require_lead
from procurement.services.decision_rules import is_award
from procurement.services.locks import locked_decision


@transaction.atomic
def finalise_award(*, decision: Decision, by: User) -> Decision:
    """Make the award final: at the earliest the day after the standstill, by the database's clock.

    Waits for every reservation of a college to be lifted. The awards become active; the contracts app
    makes contracts of them. Raises `NotAllowed`, `RuleViolation`.
    """
    decision = locked_decision(decision)
    require_lead(by, decision.segment_round.round.tender)
    if not is_award(decision):
        raise RuleViolation(_("A selection does not become final; the award does."))
    if decision.status != DecisionStatus.SENT or decision.standstill_until is None:
        raise RuleViolation(_("Only an award that was sent can become final."))
    now = database_now()
    if timezone.localdate(now) <= decision.standstill_until:
        raise RuleViolation(
            _("The standstill lasts up to and including %(day)s. Make the award final after that day.")
            % {"day": format_day(decision.standstill_until)}
        )
    _require_no_reservation(decision)
    _require_not_taken_back(decision)
    decision = transition(decision, DecisionStatus.FINAL, by=by, table=DECISION, final_at=now)
    for award in Award.objects.filter(decision=decision, status=AwardStatus.PENDING).order_by("pk"):
        transition(award, AwardStatus.ACTIVE, by=by, table=AWARD)
    return decision


def _require_not_taken_back(decision: Decision) -> None:
    if LetterBatch.objects.filter(
        decision=decision, purpose=BatchPurpose.WITHDRAWAL, status=BatchStatus.PREPARED
    ).exists():
        raise RuleViolation(_("The letters that withdraw this decision are being made. It cannot become final."))


def _require_no_reservation(decision: Decision) -> None:
    waiting = list(
        decision.college_decisions.filter(status=CollegeDecisionStatus.RESERVED)
        .order_by("municipality__name")
        .values_list("municipality__name", flat=True)
    )
    if waiting:
        raise RuleViolation(
            _("These colleges have not lifted their reservation yet: %(names)s.") % {"names": ", ".join(waiting)}
        )
