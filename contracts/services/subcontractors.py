"""Requests to change subcontractors: to add one, to stop with one, to change the work of one.

The rule is that no new ones are admitted unless there is a well-founded reason; adding and stopping are
both reported to Team CLM, which decides (001_422a0b480e5412d9.txt).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from achterhoek.nlds.formatting import format_day
from achterhoek.transitions.services import transition
from contracts.domain.change_terms import decide_by
from contracts.domain.states import SUBCONTRACTOR_CHANGE
from contracts.enums import OPEN_CHANGES, ChangeKind, ChangeStatus
from contracts.models import Contract, Subcontractor, SubcontractorChange
from contracts.rules import is_running, last_day_of, require_contractor
from contracts.selectors.parties import is_party_from
from contracts.services.change_evidence import attach_evidence
from procurement.models import SubSegment
from providers.models import Organisation

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Wanted:
    """What the contractor asks, as it was typed. `subsegments` empty is the whole segment, as in the contract."""

    kind: str
    organisation: Organisation
    effective_on: date
    reason: str
    part_of_work: str = ""
    subsegments: Collection[SubSegment] = ()
    continuity: str = ""
    clients: int | None = None


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
    subsegments: Collection[SubSegment] = (),
    continuity: str = "",
    clients: int | None = None,
) -> SubcontractorChange:
    """Ask Team CLM to add a subcontractor (from `effective_on`), to stop with one (its last day), or to change one.

    What this person uploaded for a new request goes along as its evidence. Raises `NotAllowed` for who does not work
    for the contractor, `RuleViolation` beside the field for a date in the past or outside the contract's run, and for
    a change that cannot be.
    """
    contract = Contract.objects.select_for_update(of=("self",)).get(pk=contract.pk)
    require_contractor(by, contract)
    wanted = Wanted(
        kind, organisation, effective_on, reason.strip(), part_of_work.strip(), subsegments, continuity.strip(), clients
    )
    _check(contract, wanted)
    change = SubcontractorChange.objects.create(
        contract=contract, kind=kind, organisation=organisation, part_of_work=wanted.part_of_work,
        effective_on=effective_on, reason=wanted.reason, continuity=wanted.continuity, clients=clients, requested_by=by,
        decide_by=decide_by(database_today()),
    )  # fmt: skip
    change.subsegments.set(subsegments)
    documents = attach_evidence(change, held_for=None, by=by) if kind == ChangeKind.ADD else []
    detail = {
        "kind": kind, "organisation": organisation.kvk_number, "effective_on": effective_on.isoformat(),
        "evidence": documents,
    }  # fmt: skip
    record("contracts.subcontractorchange.request", by=by, target=change, detail=detail)
    return change


def _check(contract: Contract, wanted: Wanted) -> None:
    _check_run(contract, wanted.effective_on)
    if not wanted.reason:
        raise RuleViolation(_("Give the reason of this change."), field="reason")
    _check_parts(contract, wanted)
    if wanted.kind == ChangeKind.ADD:
        _check_add(contract, wanted)
    else:
        _check_running(contract, wanted)
    asked = contract.subcontractor_changes.filter(
        organisation=wanted.organisation, kind=wanted.kind, status__in=OPEN_CHANGES
    )
    if asked.exists():
        raise RuleViolation(_("This change was asked already. Wait for the decision of Team CLM."))


def _check_run(contract: Contract, effective_on: date) -> None:
    if not is_running(contract, database_today()):
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


def _check_parts(contract: Contract, wanted: Wanted) -> None:
    """Nobody does a part of the work that is not in the contract."""
    own = {part.pk for part in contract.subsegments.all()}
    if any(part.pk not in own for part in wanted.subsegments):
        raise RuleViolation(_("Choose parts that are in this contract."), field="subsegments")


def _check_add(contract: Contract, wanted: Wanted) -> None:
    organisation, start = wanted.organisation, wanted.effective_on
    if not wanted.part_of_work:
        raise RuleViolation(_("Say which part of the work the subcontractor will do."), field="part_of_work")
    own = is_party_from(contract, organisation, start) or _in_consortium(contract, organisation)
    if organisation.pk == contract.contractor_id or own:
        raise RuleViolation(
            _("This organisation is the contractor itself. Give the KvK number of the subcontractor."),
            field="kvk_number",
        )
    if contract.subcontractors.filter(Q(end__isnull=True) | Q(end__gte=start), organisation=organisation).exists():
        raise RuleViolation(
            _("This organisation is a subcontractor in this contract on that date already."), field="kvk_number"
        )


def _in_consortium(contract: Contract, organisation: Organisation) -> bool:
    """A member of the consortium that never left this contract: who left may well work for it afterwards."""
    if contract.consortium is None or contract.parties.filter(organisation=organisation).exists():
        return False
    return contract.consortium.members.filter(pk=organisation.pk).exists()


def _check_running(contract: Contract, wanted: Wanted) -> None:
    works = works_on(contract, wanted.organisation, wanted.effective_on)
    if not works or (wanted.kind == ChangeKind.STOP and not goes_on_after(works, wanted.effective_on)):
        raise RuleViolation(
            _("This subcontractor does not work in this contract on that date. Choose a day within its time."),
            field="effective_on",
        )
    if not wanted.continuity:
        raise RuleViolation(_("Say how the care for current clients goes on."), field="continuity")
    if wanted.kind == ChangeKind.CHANGE:
        _check_difference(works[0], wanted)


def _check_difference(running: Subcontractor, wanted: Wanted) -> None:
    if not wanted.part_of_work:
        raise RuleViolation(_("Say which part of the work the subcontractor will do."), field="part_of_work")
    same_parts = {p.pk for p in running.subsegments.all()} == {p.pk for p in wanted.subsegments}
    if same_parts and wanted.part_of_work == running.part_of_work:
        raise RuleViolation(_("Nothing changes this way. Change the part of the work."), field="part_of_work")


def works_on(contract: Contract, organisation: Organisation, on: date) -> list[Subcontractor]:
    """The work of this subcontractor on this day, and what follows on it without a day between; locked.

    Other work from a later day is a line of its own (`change_decisions`), and yet the same subcontractor going on.
    """
    found: list[Subcontractor] = []
    rows = contract.subcontractors.select_for_update().filter(organisation=organisation)
    for row in rows.filter(Q(end__isnull=True) | Q(end__gte=on)).order_by("start"):
        follows = found and found[-1].end is not None and row.start == found[-1].end + _DAY
        if follows or (not found and row.start <= on):
            found.append(row)
    return found


def goes_on_after(works: list[Subcontractor], on: date) -> bool:
    """Whether there is still work after this day, so that one can stop with it on this day."""
    end = works[-1].end if works else on
    return end is None or end > on


@transaction.atomic
def withdraw_change(*, change: SubcontractorChange, by: User) -> SubcontractorChange:
    """The contractor takes its request back, before the decision. Raises `NotAllowed`, `RuleViolation`."""
    require_contractor(by, change.contract)
    return transition(change, ChangeStatus.WITHDRAWN, by=by, table=SUBCONTRACTOR_CHANGE)
