"""Team CLM's decision on a change of subcontractor, carried out in the contract, and the conditions followed up."""

from __future__ import annotations

from datetime import date, timedelta

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
from contracts.domain.change_checks import Mark
from contracts.domain.states import SUBCONTRACTOR_CHANGE
from contracts.enums import ChangeKind, ChangeStatus, ContractLetterKind
from contracts.models import ChangeCondition, Contract, Subcontractor, SubcontractorChange
from contracts.rules import is_running, last_day_of
from contracts.selectors.change_checks import findings_of
from contracts.selectors.parties import is_party_from
from contracts.services.change_news import publish_change
from contracts.services.letters import ask_letter
from contracts.services.subcontractors import goes_on_after, works_on
from procurement.models import SubSegment
from procurement.rules import require_role

OUTCOMES = (ChangeStatus.APPROVED, ChangeStatus.CONDITIONAL, ChangeStatus.REFUSED)
_DAY = timedelta(days=1)


@transaction.atomic
def decide_change(
    *,
    change: SubcontractorChange,
    outcome: str,
    reason: str,
    by: User,
    conditions: str = "",
    conditions_due_on: date | None = None,
    takes_effect_on: date | None = None,
) -> SubcontractorChange:
    """Team CLM approves, approves with conditions, or refuses, always with the reason; once only.

    An approval holds from `takes_effect_on`: never before the asked day, and never backwards; without it from the
    first day that can be. Each line of `conditions` is one condition, followed up until it is met. The contractor gets
    a letter, and the register a version. What the checks said then is kept in the log. Raises `NotAllowed`, and
    `RuleViolation` where somebody else decided just before.
    """
    contract = Contract.objects.select_for_update(of=("self",)).get(pk=change.contract_id)
    require_role(by, contract.segment.tender, Role.CLM)
    texts = condition_lines(conditions) if outcome == ChangeStatus.CONDITIONAL else []
    _check_decision(outcome, reason, texts, conditions_due_on)
    on = None if outcome == ChangeStatus.REFUSED else _effective(contract, change, takes_effect_on)
    found = [f"{finding.code}:{finding.case}" for finding in findings_of(change, on=on) if finding.mark > Mark.OK]
    transition(
        change, outcome, by=by, table=SUBCONTRACTOR_CHANGE, reason=reason.strip(), detail={"checks": found},
        decision_reason=reason.strip(), decided_by=by, decided_at=database_now(), takes_effect_on=on,
        conditions="\n".join(texts),
    )  # fmt: skip
    ChangeCondition.objects.bulk_create(
        ChangeCondition(change=change, sequence=number, text=text, due_on=conditions_due_on)
        for number, text in enumerate(texts, start=1)
    )
    if on is not None:
        _carry_out(contract, change, on)
        publish_change(change=change, from_day=on, by=by)
    ask_letter(contract=contract, kind=ContractLetterKind.SUBCONTRACTOR, subject=change.pk)
    return change


def condition_lines(conditions: str) -> list[str]:
    """The conditions, each on a line of its own, without the dashes that people put before them."""
    lines = (line.strip().lstrip("-•* ").strip() for line in conditions.splitlines())
    return [line for line in lines if line]


def _check_decision(outcome: str, reason: str, texts: list[str], due_on: date | None) -> None:
    if outcome not in OUTCOMES:
        raise RuleViolation(_("Choose a decision."), field="outcome")
    if not reason.strip():
        raise RuleViolation(_("Give the reason of the decision. The contractor reads it."), field="reason")
    if outcome == ChangeStatus.CONDITIONAL and not texts:
        raise RuleViolation(_("Write down the conditions."), field="conditions")
    if texts and due_on is not None and due_on < database_today():
        raise RuleViolation(_("This date has passed. Choose today or a later day."), field="conditions_due_on")


def _effective(contract: Contract, change: SubcontractorChange, wanted: date | None) -> date:
    """The day from which an approval holds, or the last day of who stops. Never backwards."""
    if not is_running(contract, database_today()):
        raise RuleViolation(_("The contract has ended, so this change can no longer be approved."), field="outcome")
    first = max(change.effective_on, database_today())
    if wanted is not None and wanted < first:
        raise RuleViolation(
            _("A decision does not work backwards, nor before the day that was asked. Choose %(day)s or later.")
            % {"day": format_day(first)},
            field="takes_effect_on",
        )
    on = wanted or first
    if on > last_day_of(contract):
        field = "takes_effect_on" if wanted else "outcome"
        raise RuleViolation(_("The contract ends before this change would begin."), field=field)
    return on


def _carry_out(contract: Contract, change: SubcontractorChange, on: date) -> None:
    """Write the approved change into the contract."""
    if change.kind == ChangeKind.ADD:
        _add(contract, change, on)
    elif change.kind == ChangeKind.STOP:
        _stop(contract, change, on)
    else:
        _change(contract, change, on)


def _add(contract: Contract, change: SubcontractorChange, start: date) -> None:
    if is_party_from(contract, change.organisation, start):
        raise RuleViolation(_("This organisation is a party to this contract itself on that date."), field="outcome")
    running = Q(end__isnull=True) | Q(end__gte=start)
    if contract.subcontractors.filter(running, organisation=change.organisation).exists():
        raise RuleViolation(
            _("This organisation is a subcontractor in this contract on that date already."), field="outcome"
        )
    _begin(contract, change, start, None)


def _begin(contract: Contract, change: SubcontractorChange, start: date, end: date | None) -> None:
    added = Subcontractor.objects.create(
        contract=contract, organisation=change.organisation, part_of_work=change.part_of_work, start=start, end=end
    )
    added.subsegments.set(_parts(contract, change))


def _parts(contract: Contract, change: SubcontractorChange) -> list[SubSegment]:
    """The parts that were asked; where none was named all those of the contract."""
    return list(change.subsegments.all()) or list(contract.subsegments.all())


def _stop(contract: Contract, change: SubcontractorChange, last: date) -> None:
    """What was running ends on this day; other work that was to follow on it never begins."""
    works = works_on(contract, change.organisation, last)
    if not goes_on_after(works, last):
        raise RuleViolation(_("This subcontractor no longer works in this contract on that date."), field="outcome")
    running, *planned = works
    running.end = last
    running.save(update_fields=["end"])
    for later in planned:
        later.delete()


def _change(contract: Contract, change: SubcontractorChange, start: date) -> None:
    """The old work ends on the day before, the new work begins; each stays in the register with its own days."""
    works = works_on(contract, change.organisation, start)
    if not works:
        raise RuleViolation(_("This subcontractor no longer works in this contract on that date."), field="outcome")
    running = works[0]
    if running.start == start:
        running.part_of_work = change.part_of_work
        running.save(update_fields=["part_of_work"])
        running.subsegments.set(_parts(contract, change))
        return
    end, running.end = running.end, start - _DAY
    running.save(update_fields=["end"])
    _begin(contract, change, start, end)


@transaction.atomic
def meet_condition(*, condition: ChangeCondition, met_on: date, remark: str, by: User) -> ChangeCondition:
    """Team CLM notes that a condition was met, and on which day; once. Raises `NotAllowed`, `RuleViolation`."""
    condition = ChangeCondition.objects.select_for_update(of=("self",)).get(pk=condition.pk)
    change = condition.change
    require_role(by, change.contract.segment.tender, Role.CLM)
    if condition.met_on is not None:
        raise RuleViolation(_("This condition was met already. Load the page again."))
    if met_on > database_today():
        raise RuleViolation(_("This day lies in the future. Fill in the day on which it was met."), "met_on")
    condition.met_on, condition.remark, condition.checked_by = met_on, remark.strip(), by
    condition.save(update_fields=["met_on", "remark", "checked_by"])
    detail = {"condition": condition.sequence, "met_on": met_on.isoformat()}
    record("contracts.changecondition.meet", by=by, target=change, detail=detail)
    return condition
