"""What becomes of an objection, interim relief or complaint: taken up, upheld, not upheld, or taken back.

The lead handles objections and what came before a court; a complaint is handled by a complaints officer who had no
part in the decision, as a klachtenmeldpunt has to be independent (Aw 4.27).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.accounts.roles import has_role
from achterhoek.clock import database_now
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.transitions.services import transition
from procurement.domain.standstill import OPEN
from procurement.domain.states import OBJECTION
from procurement.enums import ObjectionConsequence, ObjectionKind, ObjectionStatus
from procurement.models import Objection
from procurement.selectors.objections import is_independent, may_handle
from procurement.services.locks import locked_decision
from procurement.services.objection_mail import tell_ended, tell_lead_outcome, tell_taken_up
from providers.selectors.organisations import organisations_of


@transaction.atomic
def take_up(*, objection: Objection, by: User) -> Objection:
    """Begin to handle it; from now on the objector sees that somebody does. Raises `NotAllowed`, `RuleViolation`."""
    objection = _held(objection)
    _require_handler(objection, by)
    objection = transition(objection, ObjectionStatus.IN_REVIEW, by=by, table=OBJECTION, handler=by)
    tell_taken_up(objection)
    return objection


@transaction.atomic
def uphold(
    *, objection: Objection, consequence: str, answer: str, judged_on: date | None = None, by: User
) -> Objection:
    """It is upheld, with what follows from it. That itself is a step of its own: letters, or scoring done again.

    Raises `NotAllowed`, `RuleViolation`.
    """
    if consequence not in ObjectionConsequence.values:
        raise RuleViolation(_("Choose what follows from it."), "consequence")
    return _end(objection, ObjectionStatus.UPHELD, answer, judged_on, by, consequence=consequence)


@transaction.atomic
def reject(*, objection: Objection, answer: str, judged_on: date | None = None, by: User) -> Objection:
    """It is not upheld; the answer says why. Raises `NotAllowed`, `RuleViolation`."""
    return _end(objection, ObjectionStatus.REJECTED, answer, judged_on, by)


@transaction.atomic
def withdraw_objection(*, objection: Objection, reason: str = "", by: User) -> Objection:
    """The objector takes it back; who handles it does so on its behalf, and then says how that was asked.

    Raises `NotAllowed`, `RuleViolation`.
    """
    objection = _held(objection)
    own = has_role(by, Role.PROVIDER) and organisations_of(by).filter(pk=objection.organisation_id).exists()
    if not own:
        _require_handler(objection, by)
        if not reason.strip():
            raise RuleViolation(_("Write down how and when the organisation took it back."), "reason")
    return _ended(objection, ObjectionStatus.WITHDRAWN, by, {"answer": reason.strip()})


def _end(
    objection: Objection, status: ObjectionStatus, answer: str, judged_on: date | None, by: User, **fields: Any
) -> Objection:
    objection = _held(objection)
    _require_handler(objection, by)
    if objection.status == ObjectionStatus.RECEIVED:
        raise RuleViolation(_("Take it up first."))
    if not answer.strip():
        raise RuleViolation(_("Write the answer: the organisation will read it."), "answer")
    if objection.kind == ObjectionKind.INTERIM_RELIEF:
        _require_judgment_day(objection, judged_on)
        fields["judged_on"] = judged_on
    return _ended(objection, status, by, {"answer": answer.strip(), **fields})


def _require_judgment_day(objection: Objection, judged_on: date | None) -> None:
    if judged_on is None:
        raise RuleViolation(_("Fill in the date of the judgment."), "judged_on")
    if judged_on > timezone.localdate(database_now()):
        raise RuleViolation(_("The judgment cannot lie in the future."), "judged_on")
    if judged_on < timezone.localdate(objection.received_at):
        raise RuleViolation(_("The judgment cannot be older than the writ."), "judged_on")


def _ended(objection: Objection, status: ObjectionStatus, by: User, fields: dict[str, Any]) -> Objection:
    objection = transition(
        objection, status, by=by, table=OBJECTION, ended_at=database_now(), ended_by=by,
        detail={"consequence": str(fields.get("consequence", ""))}, **fields,
    )  # fmt: skip
    tell_ended(objection)
    tell_lead_outcome(objection)
    return objection


def _held(objection: Objection) -> Objection:
    """The objection as it is now, held with its decision: nothing becomes final meanwhile."""
    decision = locked_decision(objection.decision)
    found = Objection.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=objection.pk)
    found.decision = decision
    return found


def _require_handler(objection: Objection, by: User) -> None:
    if may_handle(by, objection):
        if objection.status not in OPEN:
            raise RuleViolation(_("This has ended already."))
        return
    if objection.kind == ObjectionKind.COMPLAINT and not is_independent(by, objection.decision):
        raise NotAllowed(_("You had a part in this decision. Somebody independent handles the complaint (Aw 4.27)."))
    if objection.kind == ObjectionKind.COMPLAINT:
        raise NotAllowed(_("Only the complaints officer of this region handles a complaint."))
    raise NotAllowed(_("Only the procurement lead of this region may do this."))
