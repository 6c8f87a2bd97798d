"""Writers of transitions (overgangsregeling): who takes over how many clients of a contract that ends, how far it is.

Numbers only: no name, no number and no data of a client is ever taken in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now, database_today
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.region.models import Municipality
from achterhoek.transitions.services import transition
from contracts.domain.privacy import holds_bsn
from contracts.domain.states import TRANSITION
from contracts.enums import TransitionStatus
from contracts.models import Contract, TransitionArrangement, TransitionCount
from contracts.rules import is_contractor
from contracts.selectors.transitions import ends_of_contract, may_tell, successors
from procurement.models import SubSegment
from procurement.rules import require_role, works_for_region


@dataclass(frozen=True, slots=True)
class Handover:
    """What is arranged: of which work in which municipality how many clients go where, and by when."""

    municipality: Municipality
    subsegment: SubSegment | None
    new_contract: Contract | None
    clients: int
    arrangement: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Told:
    """How many clients are handed over in all, on a day."""

    on: date
    handed_over: int
    remark: str = ""


@transaction.atomic
def propose_transition(*, contract: Contract, given: Handover, by: User) -> TransitionArrangement:
    """Write down how the clients of a contract that ends go over to another. Raises `NotAllowed`, `RuleViolation`."""
    contract = Contract.objects.select_for_update(of=("self",)).select_related("segment__tender").get(pk=contract.pk)
    require_role(by, contract.segment.tender, Role.CLM)
    _check(contract, given, None)
    made = TransitionArrangement.objects.create(
        old_contract=contract, made_by=by, municipality=given.municipality, subsegment=given.subsegment,
        new_contract=given.new_contract, clients=given.clients, arrangement=given.arrangement.strip(),
        due_on=given.due_on,
    )  # fmt: skip
    record("contracts.transitionarrangement.propose", by=by, target=made, detail=_detail(made))
    return made


@transaction.atomic
def change_transition(*, arrangement: TransitionArrangement, given: Handover, by: User) -> TransitionArrangement:
    """Change a proposal: who takes over becomes known, the number or the day changes. What is agreed stays.

    Raises `NotAllowed`, `RuleViolation`.
    """
    row = _locked(arrangement)
    require_role(by, row.old_contract.segment.tender, Role.CLM)
    if row.status != TransitionStatus.PROPOSED:
        raise RuleViolation(_("Only a proposal can be changed. Drop what was agreed and make a new one."))
    _check(row.old_contract, given, row)
    before = _detail(row)
    row.municipality, row.subsegment, row.new_contract = given.municipality, given.subsegment, given.new_contract
    row.clients, row.arrangement, row.due_on = given.clients, given.arrangement.strip(), given.due_on
    row.save()
    record("contracts.transitionarrangement.change", by=by, target=row, detail={**_detail(row), "before": before})
    return row


def _check(contract: Contract, given: Handover, own: TransitionArrangement | None) -> None:
    ends = ends_of_contract(contract)
    if given.municipality.pk not in ends:
        raise RuleViolation(
            _("Contract %(number)s does not end in %(place)s, as far as is known now.")
            % {"number": contract.number, "place": given.municipality.name},
            field="municipality",
        )
    if given.subsegment is not None and not contract.subsegments.filter(pk=given.subsegment.pk).exists():
        raise RuleViolation(_("This work is no part of the contract."), field="subsegment")
    if given.new_contract is not None:
        _check_successor(contract, given.new_contract, given.municipality)
    if given.due_on < contract.start:
        raise RuleViolation(_("Choose a day after the start of the contract."), field="due_on")
    if not given.arrangement.strip():
        raise RuleViolation(_("Write down what is agreed. Both contractors read it."), field="arrangement")
    _no_person(given.arrangement, "arrangement")
    same = TransitionArrangement.objects.filter(
        old_contract=contract, new_contract=given.new_contract, municipality=given.municipality,
        subsegment=given.subsegment,
    )  # fmt: skip
    if (same.exclude(pk=own.pk) if own else same).exists():
        raise RuleViolation(
            _("There is an arrangement for this municipality, this work and this contractor already. Change that one."),
            field="new_contract",
        )


def _check_successor(contract: Contract, new: Contract, place: Municipality) -> None:
    if not successors(contract).filter(pk=new.pk).exists():
        raise RuleViolation(_("Choose a contract of this region that is prepared or in force."), field="new_contract")
    if not new.contract_municipalities.filter(municipality=place).exists():
        raise RuleViolation(
            _("Contract %(number)s does not run in %(place)s.") % {"number": new.number, "place": place.name},
            field="new_contract",
        )


@transaction.atomic
def agree_transition(*, arrangement: TransitionArrangement, by: User) -> TransitionArrangement:
    """Both contractors agreed. Raises `NotAllowed`; `RuleViolation` where nobody takes the clients over yet."""
    row = _locked(arrangement)
    require_role(by, row.old_contract.segment.tender, Role.CLM)
    if row.new_contract_id is None and row.clients:
        raise RuleViolation(_("Say first which contract takes the clients over."))
    return transition(row, TransitionStatus.AGREED, by=by, table=TRANSITION, detail=_detail(row))


@transaction.atomic
def finish_transition(*, arrangement: TransitionArrangement, by: User) -> TransitionArrangement:
    """All clients are handed over. Raises `NotAllowed`; `RuleViolation` where the last count tells otherwise."""
    row = _locked(arrangement)
    require_role(by, row.old_contract.segment.tender, Role.CLM)
    last = row.counts.order_by("on").last()
    left = row.clients - (last.handed_over if last else 0)
    if left > 0:
        raise RuleViolation(
            _("By the last count %(left)d of %(clients)d clients are not handed over yet.")
            % {"left": left, "clients": row.clients}
        )
    return transition(row, TransitionStatus.DONE, by=by, table=TRANSITION, detail=_detail(row))


@transaction.atomic
def drop_transition(*, arrangement: TransitionArrangement, reason: str, by: User) -> TransitionArrangement:
    """The arrangement does not go on; it stays to be read, with the reason. Raises `NotAllowed`, `RuleViolation`."""
    row = _locked(arrangement)
    require_role(by, row.old_contract.segment.tender, Role.CLM)
    if not reason.strip():
        raise RuleViolation(_("Give the reason why it is dropped."), field="reason")
    _no_person(reason, "reason")
    return transition(
        row, TransitionStatus.DROPPED, by=by, table=TRANSITION, reason=reason.strip(), detail=_detail(row)
    )


@transaction.atomic
def tell_count(*, arrangement: TransitionArrangement, told: Told, by: User) -> TransitionCount:
    """Tell how many clients are handed over in all, on a day: both contractors may, and Team CLM.

    One count a day; who told it can correct it, and so can Team CLM. Fewer than the day before asks for a remark.
    Raises `NotAllowed`; `RuleViolation` beside its field.
    """
    row = _locked(arrangement)
    if not may_tell(by, row):
        raise NotAllowed(_("Only the two contractors and Team CLM tell how many clients are handed over."))
    if row.status != TransitionStatus.AGREED:
        raise RuleViolation(_("Counts are told of what is agreed and not done yet."))
    earlier = _check_count(row, told)
    known = row.counts.filter(on=told.on).select_related("told_by").first()
    if known is not None and not _may_correct(by, row, known):
        raise RuleViolation(
            _("The other contractor told a count of this day already. Choose another day, or ask Team CLM."), field="on"
        )
    if earlier is not None and told.handed_over < earlier.handed_over and not told.remark.strip():
        raise RuleViolation(_("That is fewer than before. Say in the remark why."), field="remark")
    made, _new = TransitionCount.objects.update_or_create(
        arrangement=row,
        on=told.on,
        defaults={
            "handed_over": told.handed_over, "remark": told.remark.strip(), "told_by": by, "told_at": database_now(),
        },
    )  # fmt: skip
    detail = {
        **_detail(row), "on": told.on.isoformat(), "handed_over": told.handed_over,
        "before": known.handed_over if known else None,
    }  # fmt: skip
    record("contracts.transitioncount.tell", by=by, target=made, detail=detail)
    return made


def _check_count(row: TransitionArrangement, told: Told) -> TransitionCount | None:
    """What can be; returns the count before it."""
    if told.on > database_today():
        raise RuleViolation(_("This day is still to come."), field="on")
    if told.on < row.old_contract.start:
        raise RuleViolation(_("Choose a day after the start of the contract."), field="on")
    if not 0 <= told.handed_over <= row.clients:
        raise RuleViolation(
            _("Fill in a number from 0 to %(clients)d: so many clients go over.") % {"clients": row.clients},
            field="handed_over",
        )
    _no_person(told.remark, "remark")
    return row.counts.filter(on__lt=told.on).order_by("on").last()


def _may_correct(by: User, row: TransitionArrangement, known: TransitionCount) -> bool:
    if works_for_region(by, row.old_contract.segment.tender, Role.CLM):
        return True
    sides = [row.old_contract, *([row.new_contract] if row.new_contract else [])]
    return any(is_contractor(by, side) and is_contractor(known.told_by, side) for side in sides)


def _no_person(text: str, field: str) -> None:
    if holds_bsn(text):
        raise RuleViolation(
            _("This looks like a citizen service number (BSN). Take it out: write no data about clients here."), field
        )


def _detail(row: TransitionArrangement) -> dict[str, object]:
    return {
        "contract": row.old_contract.number, "new_contract": row.new_contract.number if row.new_contract else None,
        "municipality": row.municipality.slug, "subsegment": row.subsegment.slug if row.subsegment else None,
        "clients": row.clients, "due_on": row.due_on.isoformat(),
    }  # fmt: skip


def _locked(arrangement: TransitionArrangement) -> TransitionArrangement:
    """The arrangement as it is now, held until the end of the transaction."""
    return (
        TransitionArrangement.objects.select_for_update(of=("self",))
        .select_related("old_contract__segment__tender", "new_contract", "municipality", "subsegment")
        .get(pk=arrangement.pk)
    )
