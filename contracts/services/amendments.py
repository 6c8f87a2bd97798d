"""Writers of amendments: drafted, changed, dropped, and signed with their effect (Aw 2.163b-g)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.documents.models import StoredFile
from achterhoek.errors import RuleViolation
from achterhoek.nlds.formatting import format_day, format_euro
from achterhoek.transitions.services import transition
from contracts.domain.amendments import ADDITIONAL, SMALL, UNFORESEEN, ground_fits, measured, within_half
from contracts.domain.states import AMENDMENT
from contracts.enums import AmendmentKind, AmendmentStatus, ContractLetterKind, ContractStatus, MemberStep
from contracts.models import Amendment, Contract
from contracts.rules import last_day_of
from contracts.selectors.amendments import meter_of, text_digest
from contracts.services.indexation import index_amounts
from contracts.services.letters import ask_letter
from contracts.services.members import (
    MemberChange,
    change_members,
    check_members,
    in_full,
    in_short,
    members_said,
    require_no_subcontractor,
    require_parties_settled,
    write_members,
)
from contracts.services.replacement import replace_contractor
from contracts.services.signing import accepted_scan, locked_contract, or_discarded
from procurement.rules import require_role
from providers.models import Organisation

LOWEST, HIGHEST = Decimal(-50), Decimal(50)


@dataclass(frozen=True, slots=True)
class AmendmentSaid:
    """What an amendment says."""

    kind: str
    ground: str
    title: str
    description: str
    reason: str
    effective_on: date
    value_change: Decimal = Decimal(0)
    percentage: Decimal | None = None
    year: int | None = None
    successor: Organisation | None = None
    # Only of an amendment of the members of a consortium, which says itself what it changes.
    members: tuple[MemberChange, ...] = ()


def members_amendment(
    *, ground: str, reason: str, effective_on: date, members: Sequence[MemberChange]
) -> AmendmentSaid:
    """An amendment of who is in a consortium: its words follow from what happens."""
    return AmendmentSaid(
        kind=AmendmentKind.PARTIES, ground=ground, title=in_short(members), description=in_full(members),
        reason=reason, effective_on=effective_on, members=tuple(members),
    )  # fmt: skip


@transaction.atomic
def draft_amendment(*, contract: Contract, says: AmendmentSaid, by: User) -> Amendment:
    """Write an amendment down, numbered in its contract; nothing changes before it is signed.

    Raises `NotAllowed`; `RuleViolation` beside its field where the ground does not fit or leaves no room.
    """
    contract = locked_contract(contract.pk)
    require_role(by, contract.segment.tender, Role.CLM)
    _check(contract, says)
    last = contract.amendments.aggregate(last=Max("sequence"))["last"] or 0
    made = Amendment.objects.create(contract=contract, sequence=last + 1, made_by=by, **_fields(says))
    write_members(made, says.members)
    record("contracts.amendment.draft", by=by, target=made, detail=_detail(made))
    return made


@transaction.atomic
def change_amendment(*, amendment: Amendment, says: AmendmentSaid, by: User) -> Amendment:
    """Write a draft anew, under its own number. Raises as `draft_amendment`, and where it is no draft any more."""
    contract = locked_contract(amendment.contract_id)
    require_role(by, contract.segment.tender, Role.CLM)
    amendment = _locked(amendment.pk)
    if amendment.status != AmendmentStatus.DRAFT:
        raise RuleViolation(_("This amendment is no longer a draft. What is in force changes by a new amendment."))
    if (AmendmentKind.PARTIES in (says.kind, amendment.kind)) and says.kind != amendment.kind:
        raise RuleViolation(_("Members of a consortium change by an amendment of their own."), field="kind")
    _check(contract, says)
    before = _detail(amendment)
    for name, value in _fields(says).items():
        setattr(amendment, name, value)
    amendment.save(update_fields=list(_fields(says)))
    write_members(amendment, says.members)
    record("contracts.amendment.change", by=by, target=amendment, detail={**_detail(amendment), "before": before})
    return amendment


def _fields(says: AmendmentSaid) -> dict[str, Any]:
    indexation = says.kind == AmendmentKind.INDEXATION
    return {
        "kind": says.kind, "ground": says.ground, "title": says.title.strip(), "effective_on": says.effective_on,
        "description": says.description.strip(), "reason": says.reason.strip(), "value_change": says.value_change,
        "percentage": says.percentage if indexation else None, "year": says.year if indexation else None,
        "successor": says.successor if says.kind == AmendmentKind.REPLACEMENT else None,
    }  # fmt: skip


def _locked(pk: int) -> Amendment:
    return Amendment.objects.select_for_update(of=("self",)).select_related("successor").get(pk=pk)


@transaction.atomic
def drop_amendment(*, amendment: Amendment, by: User) -> Amendment:
    """Drop an amendment that was not signed. Raises `NotAllowed`, `RuleViolation`."""
    contract = locked_contract(amendment.contract_id)
    require_role(by, contract.segment.tender, Role.CLM)
    return transition(amendment, AmendmentStatus.DROPPED, by=by, table=AMENDMENT)


def sign_amendment(
    *, amendment: Amendment, by: User, upload: UploadedFile | None = None, seen: str | None = None
) -> Amendment:
    """Both sides signed the text that was `seen`: the amendment is in force, with its effect; both get their letter.

    The room on its ground is measured again, as other amendments may have taken it meanwhile. An indexation raises
    the amounts and tariffs of its year and later; a replacement ends the old contractor and begins the new one;
    members of a consortium come and go.
    Raises `NotAllowed`, `RuleViolation`, and `storage.StorageDown` where the scan cannot be kept now.
    """
    require_role(by, amendment.contract.segment.tender, Role.CLM)
    stored = accepted_scan(upload, by=by)
    signed: Amendment = or_discarded(stored, lambda: _sign(amendment.pk, stored, by, seen))
    return signed


@transaction.atomic
def _sign(pk: int, stored: StoredFile | None, by: User, seen: str | None) -> Amendment:
    contract = locked_contract(Amendment.objects.values_list("contract", flat=True).get(pk=pk))
    amendment = _locked(pk)
    if seen is not None and seen != text_digest(amendment):
        raise RuleViolation(_("Somebody changed this draft meanwhile. Read it again, and sign that."))
    _check(contract, said_of(amendment))
    transition(amendment, AmendmentStatus.SIGNED, by=by, table=AMENDMENT, signed_at=database_now(), file=stored)
    ask_letter(contract=contract, kind=ContractLetterKind.AMENDMENT, subject=amendment.pk)
    if amendment.kind == AmendmentKind.INDEXATION:
        assert amendment.percentage is not None  # the database holds it
        assert amendment.year is not None
        index_amounts(contract=contract, percentage=amendment.percentage, year=amendment.year, by=by)
    if amendment.kind == AmendmentKind.REPLACEMENT:
        # The old contractor is told as well; the first letter goes to its successor.
        ask_letter(
            contract=contract, kind=ContractLetterKind.AMENDMENT, subject=f"{amendment.pk}:{contract.contractor_id}"
        )
        replace_contractor(amendment, by=by)
    if amendment.kind == AmendmentKind.PARTIES:
        # Who joins or leaves is told as well; the first letter goes to the lead.
        for row in amendment.members.exclude(step=MemberStep.SHARE):
            ask_letter(
                contract=contract, kind=ContractLetterKind.AMENDMENT, subject=f"{amendment.pk}:{row.organisation_id}"
            )
        change_members(amendment, by=by)
    return amendment


def said_of(amendment: Amendment) -> AmendmentSaid:
    """What an amendment says, for a check or a form."""
    return AmendmentSaid(
        kind=amendment.kind, ground=amendment.ground, title=amendment.title, description=amendment.description,
        reason=amendment.reason, effective_on=amendment.effective_on, value_change=amendment.value_change,
        percentage=amendment.percentage, year=amendment.year, successor=amendment.successor,
        members=members_said(amendment),
    )  # fmt: skip


def _check(contract: Contract, says: AmendmentSaid) -> None:
    if contract.status != ContractStatus.ACTIVE:
        raise RuleViolation(_("Only a contract in force is amended."))
    # An amendment of members says itself what changes.
    for field in ("reason",) if says.kind == AmendmentKind.PARTIES else ("title", "description", "reason"):
        if not getattr(says, field).strip():
            raise RuleViolation(_("Fill in this field."), field=field)
    first, last = contract.start, last_day_of(contract)
    if not first <= says.effective_on <= last:
        raise RuleViolation(
            _("Choose a day within the run of the contract, from %(first)s to %(last)s.")
            % {"first": format_day(first), "last": format_day(last)},
            field="effective_on",
        )
    if not ground_fits(says.kind, says.ground):
        raise RuleViolation(
            _(
                "This ground does not fit. A contractor is replaced on Aw 2.163c or 2.163f,"
                " and 2.163f is only for that."
            ),
            field="ground",
        )
    if says.kind == AmendmentKind.INDEXATION:
        _check_indexation(contract, says)
    if says.kind == AmendmentKind.REPLACEMENT:
        _check_successor(contract, says)
    if says.kind == AmendmentKind.PARTIES:
        check_members(contract, says.members, says.ground, says.effective_on)
    _check_room(contract, says)


def _check_indexation(contract: Contract, says: AmendmentSaid) -> None:
    if says.percentage is None or says.percentage == 0 or not LOWEST <= says.percentage <= HIGHEST:
        raise RuleViolation(_("Give a percentage from -50 to 50 that is not zero."), field="percentage")
    if says.year is None:
        raise RuleViolation(_("Give the year from which the indexation holds."), field="year")
    if says.effective_on != date(says.year, 1, 1):
        raise RuleViolation(
            _("An indexation begins on the first day of its year: 1 January %(year)s.") % {"year": says.year},
            field="effective_on",
        )
    known = contract.amendments.filter(kind=AmendmentKind.INDEXATION, status=AmendmentStatus.SIGNED, year=says.year)
    if known.filter(percentage=says.percentage).exists():
        raise RuleViolation(
            _("An indexation of this year with this percentage is in force already."), field="percentage"
        )


def _check_successor(contract: Contract, says: AmendmentSaid) -> None:
    if says.successor is None:
        raise RuleViolation(_("Give the KvK number of the new contractor."), field="successor")
    if says.successor.pk == contract.contractor_id:
        raise RuleViolation(_("This is the contractor already."), field="successor")
    require_parties_settled(contract, says.effective_on)
    require_no_subcontractor(contract, says.successor, says.effective_on, field="successor")


def _check_room(contract: Contract, says: AmendmentSaid) -> None:
    if says.value_change == 0 or not measured(says.ground):
        return
    found = meter_of(contract)
    if found is None or contract.initial_value is None:
        raise RuleViolation(
            _("The value of this contract at the start is not known. Fill it in first: this ground is measured by it."),
            field="ground",
        )
    if says.ground == SMALL and not found.allows(says.value_change):
        raise RuleViolation(
            _(
                "Together with the changes before it this one comes to %(sum)s. On Aw 2.163b that has to stay below"
                " %(limit)s: 10%% of the value at the start, and below the European threshold. Choose another ground,"
                " or tender anew."
            )
            % {"sum": format_euro(found.net + says.value_change), "limit": format_euro(found.limit)},
            field="value_change",
        )
    if says.ground in (ADDITIONAL, UNFORESEEN) and not within_half(contract.initial_value, says.value_change):
        raise RuleViolation(
            _("On this ground one change is at most half of the value at the start (Aw 2.163d, 2.163e)."),
            field="value_change",
        )


def _detail(made: Amendment) -> dict[str, object]:
    return {
        "contract": made.contract.number, "sequence": made.sequence, "kind": made.kind, "ground": made.ground,
        "title": made.title, "value_change": str(made.value_change), "effective_on": made.effective_on.isoformat(),
        "percentage": None if made.percentage is None else str(made.percentage), "year": made.year,
        "successor": made.successor.kvk_number if made.successor else None,
        "members": [
            {"step": one.step, "kvk_number": one.organisation.kvk_number,
             "share": None if one.share is None else str(one.share)}
            for one in members_said(made)
        ],
    }  # fmt: skip
