"""Changes of subcontractors: asked by the contractor, decided by Team CLM.

The rule is that no new ones are admitted unless there is a well-founded reason; adding and stopping are
both reported to Team CLM, which decides (001_422a0b480e5412d9.txt).
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now, database_today
from achterhoek.errors import RuleViolation
from achterhoek.nlds.formatting import format_day
from achterhoek.transitions.services import transition
from contracts.domain.states import SUBCONTRACTOR_CHANGE
from contracts.enums import ChangeKind, ChangeStatus, ContractLetterKind, ContractStatus
from contracts.models import Contract, Subcontractor, SubcontractorChange
from contracts.rules import last_day_of, require_contractor
from contracts.services.change_news import publish_change
from contracts.services.letters import ask_letter
from procurement.rules import require_role
from providers.models import Organisation

OUTCOMES = (ChangeStatus.APPROVED, ChangeStatus.CONDITIONAL, ChangeStatus.REFUSED)


@transaction.atomic
def request_change(
    *,
    contract: Contract,
    kind: str,
    organisation: Organisation,
    effective_on: date,
    reason: str,
    by: User,
    part_of_work: str = "",
    continuity: str = "",
) -> SubcontractorChange:
    """Ask Team CLM to add a subcontractor (from `effective_on`) or to stop with one (its last day).

    Raises `NotAllowed` for who does not work for the contractor, `RuleViolation` beside the field for a
    date in the past or outside the contract's run, and for a change that cannot be.
    """
    contract = Contract.objects.select_for_update(of=("self",)).get(pk=contract.pk)
    require_contractor(by, contract)
    _check_run(contract, effective_on)
    if not reason.strip():
        raise RuleViolation(_("Give the reason of this change."), field="reason")
    if kind == ChangeKind.ADD:
        _check_add(contract, organisation, effective_on, part_of_work)
    else:
        _check_stop(contract, organisation, effective_on, continuity)
    if contract.subcontractor_changes.filter(
        organisation=organisation, kind=kind, status=ChangeStatus.REQUESTED
    ).exists():
        raise RuleViolation(_("This change was asked already. Wait for the decision of Team CLM."))
    change = SubcontractorChange.objects.create(
        contract=contract, kind=kind, organisation=organisation, part_of_work=part_of_work.strip(),
        effective_on=effective_on, reason=reason.strip(), continuity=continuity.strip(), requested_by=by,
    )  # fmt: skip
    detail = {"kind": kind, "organisation": organisation.kvk_number, "effective_on": effective_on.isoformat()}
    record("contracts.subcontractorchange.request", by=by, target=change, detail=detail)
    return change


def _check_run(contract: Contract, effective_on: date) -> None:
    if contract.status != ContractStatus.ACTIVE:
        raise RuleViolation(_("Subcontractors can only be changed in a signed contract that has not ended."))
    if effective_on < database_today():
        raise RuleViolation(_("This date has passed. Choose today or a later day."), field="effective_on")
    last = last_day_of(contract)
    if not contract.start <= effective_on <= last:
        raise RuleViolation(
            _("Choose a date within the run of the contract: from %(first)s to %(last)s.")
            % {"first": format_day(contract.start), "last": format_day(last)},
            field="effective_on",
        )


def _check_add(contract: Contract, organisation: Organisation, start: date, part_of_work: str) -> None:
    if not part_of_work.strip():
        raise RuleViolation(_("Say which part of the work the subcontractor will do."), field="part_of_work")
    if organisation.pk == contract.contractor_id or (
        contract.consortium is not None and contract.consortium.members.filter(pk=organisation.pk).exists()
    ):
        raise RuleViolation(
            _("This organisation is the contractor itself. Give the KvK number of the subcontractor."),
            field="kvk_number",
        )
    if contract.subcontractors.filter(Q(end__isnull=True) | Q(end__gte=start), organisation=organisation).exists():
        raise RuleViolation(
            _("This organisation is a subcontractor in this contract on that date already."), field="kvk_number"
        )


def _check_stop(contract: Contract, organisation: Organisation, last: date, continuity: str) -> None:
    if _running(contract, organisation, last) is None:
        raise RuleViolation(
            _("This subcontractor does not work in this contract on that date. Choose a last day within its time."),
            field="effective_on",
        )
    if not continuity.strip():
        raise RuleViolation(_("Say how the care for current clients goes on."), field="continuity")


def _running(contract: Contract, organisation: Organisation, on: date) -> Subcontractor | None:
    """The subcontractor that works on this day and would go on after it."""
    after = Q(end__isnull=True) | Q(end__gt=on)
    return contract.subcontractors.select_for_update().filter(after, organisation=organisation, start__lte=on).first()


@transaction.atomic
def withdraw_change(*, change: SubcontractorChange, by: User) -> SubcontractorChange:
    """The contractor takes its request back, before the decision. Raises `NotAllowed`, `RuleViolation`."""
    require_contractor(by, change.contract)
    return transition(change, ChangeStatus.WITHDRAWN, by=by, table=SUBCONTRACTOR_CHANGE)


@transaction.atomic
def decide_change(
    *, change: SubcontractorChange, outcome: str, reason: str, conditions: str = "", by: User
) -> SubcontractorChange:
    """Team CLM approves, approves with conditions, or refuses, always with the reason; once only.

    An approved newcomer works from the asked date, or from today where that has passed: an approval never
    works backwards. An approved stop ends on the asked last day. The contractor gets a letter, and the register
    a version. Raises `NotAllowed`, and `RuleViolation` where somebody else decided just before.
    """
    contract = Contract.objects.select_for_update(of=("self",)).get(pk=change.contract_id)
    require_role(by, contract.segment.tender, Role.CLM)
    if outcome not in OUTCOMES:
        raise RuleViolation(_("Choose a decision."), field="outcome")
    if not reason.strip():
        raise RuleViolation(_("Give the reason of the decision. The contractor reads it."), field="reason")
    if outcome == ChangeStatus.CONDITIONAL and not conditions.strip():
        raise RuleViolation(_("Write down the conditions."), field="conditions")
    transition(
        change, outcome, by=by, table=SUBCONTRACTOR_CHANGE, reason=reason.strip(),
        decision_reason=reason.strip(), decided_by=by, decided_at=database_now(),
        conditions=conditions.strip() if outcome == ChangeStatus.CONDITIONAL else "",
    )  # fmt: skip
    if outcome != ChangeStatus.REFUSED:
        from_day = _carry_out(contract, change)
        publish_change(change=change, from_day=from_day, by=by)
    ask_letter(contract=contract, kind=ContractLetterKind.SUBCONTRACTOR, subject=change.pk)
    return change


def _carry_out(contract: Contract, change: SubcontractorChange) -> date:
    """Write the approved change into the contract; the day from which the register reads differently."""
    if contract.status != ContractStatus.ACTIVE:
        raise RuleViolation(_("The contract has ended, so this change can no longer be approved."), field="outcome")
    if change.kind == ChangeKind.ADD:
        return _add(contract, change)
    return _stop(contract, change)


def _add(contract: Contract, change: SubcontractorChange) -> date:
    start = max(change.effective_on, database_today())
    if start > last_day_of(contract):
        raise RuleViolation(_("The contract ends before this change would begin."), field="outcome")
    running = Q(end__isnull=True) | Q(end__gte=start)
    if contract.subcontractors.filter(running, organisation=change.organisation).exists():
        raise RuleViolation(
            _("This organisation is a subcontractor in this contract on that date already."), field="outcome"
        )
    added = Subcontractor.objects.create(
        contract=contract, organisation=change.organisation, part_of_work=change.part_of_work, start=start
    )
    added.subsegments.set(contract.subsegments.all())
    return start


def _stop(contract: Contract, change: SubcontractorChange) -> date:
    running = _running(contract, change.organisation, change.effective_on)
    if running is None:
        raise RuleViolation(_("This subcontractor no longer works in this contract on that date."), field="outcome")
    running.end = change.effective_on
    running.save(update_fields=["end"])
    return change.effective_on
