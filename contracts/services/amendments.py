"""Writers of amendments: drafted, dropped, and signed with their effect (Aw 2.163b-g)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now, database_today
from achterhoek.documents.models import StoredFile
from achterhoek.errors import RuleViolation
from achterhoek.nlds.formatting import format_day, format_euro
from achterhoek.transitions.services import transition
from contracts.domain.amendments import ADDITIONAL, SMALL, UNFORESEEN, ground_fits, measured, within_half
from contracts.domain.states import AMENDMENT
from contracts.enums import AmendmentKind, AmendmentStatus, ContractLetterKind, ContractStatus
from contracts.models import Amendment, Contract
from contracts.rules import last_day_of
from contracts.selectors.amendments import meter_of
from contracts.services.indexation import index_amounts
from contracts.services.letters import ask_letter
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


@transaction.atomic
def draft_amendment(*, contract: Contract, says: AmendmentSaid, by: User) -> Amendment:
    """Write an amendment down, numbered in its contract; nothing changes before it is signed.

    Raises `NotAllowed`; `RuleViolation` beside its field where the ground does not fit or leaves no room.
    """
    contract = locked_contract(contract.pk)
    require_role(by, contract.segment.tender, Role.CLM)
    _check(contract, says)
    last = contract.amendments.aggregate(last=Max("sequence"))["last"] or 0
    made = Amendment.objects.create(
        contract=contract, sequence=last + 1, kind=says.kind, ground=says.ground, title=says.title.strip(),
        description=says.description.strip(), reason=says.reason.strip(), value_change=says.value_change,
        percentage=says.percentage if says.kind == AmendmentKind.INDEXATION else None,
        year=says.year if says.kind == AmendmentKind.INDEXATION else None,
        successor=says.successor if says.kind == AmendmentKind.REPLACEMENT else None,
        effective_on=says.effective_on, made_by=by,
    )  # fmt: skip
    record("contracts.amendment.draft", by=by, target=made, detail=_detail(made))
    return made


@transaction.atomic
def drop_amendment(*, amendment: Amendment, by: User) -> Amendment:
    """Drop an amendment that was not signed. Raises `NotAllowed`, `RuleViolation`."""
    contract = locked_contract(amendment.contract_id)
    require_role(by, contract.segment.tender, Role.CLM)
    return transition(amendment, AmendmentStatus.DROPPED, by=by, table=AMENDMENT)


def sign_amendment(*, amendment: Amendment, by: User, upload: UploadedFile | None = None) -> Amendment:
    """Both sides signed: the amendment is in force, with its effect, and both get their letter.

    The room on its ground is measured again, as other amendments may have taken it meanwhile. An indexation raises
    the amounts and tariffs of its year and later; a replacement ends the old contractor and begins the new one.
    Raises `NotAllowed`, `RuleViolation`, and `storage.StorageDown` where the scan cannot be kept now.
    """
    require_role(by, amendment.contract.segment.tender, Role.CLM)
    stored = accepted_scan(upload, by=by)
    signed: Amendment = or_discarded(stored, lambda: _sign(amendment.pk, stored, by))
    return signed


@transaction.atomic
def _sign(pk: int, stored: StoredFile | None, by: User) -> Amendment:
    contract = locked_contract(Amendment.objects.values_list("contract", flat=True).get(pk=pk))
    amendment = Amendment.objects.select_for_update(of=("self",)).select_related("successor").get(pk=pk)
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
    return amendment


def said_of(amendment: Amendment) -> AmendmentSaid:
    """What an amendment says, for a check or a form."""
    return AmendmentSaid(
        kind=amendment.kind, ground=amendment.ground, title=amendment.title, description=amendment.description,
        reason=amendment.reason, effective_on=amendment.effective_on, value_change=amendment.value_change,
        percentage=amendment.percentage, year=amendment.year, successor=amendment.successor,
    )  # fmt: skip


def _check(contract: Contract, says: AmendmentSaid) -> None:
    if contract.status != ContractStatus.ACTIVE:
        raise RuleViolation(_("Only a contract in force is amended."))
    for field in ("title", "description", "reason"):
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
        _check_indexation(says)
    if says.kind == AmendmentKind.REPLACEMENT:
        _check_successor(contract, says)
    _check_room(contract, says)


def _check_indexation(says: AmendmentSaid) -> None:
    if says.percentage is None or says.percentage == 0 or not LOWEST <= says.percentage <= HIGHEST:
        raise RuleViolation(_("Give a percentage from -50 to 50 that is not zero."), field="percentage")
    if says.year is None:
        raise RuleViolation(_("Give the year from which the indexation holds."), field="year")
    if says.effective_on != date(says.year, 1, 1):
        raise RuleViolation(
            _("An indexation begins on the first day of its year: 1 January %(year)s.") % {"year": says.year},
            field="effective_on",
        )


def _check_successor(contract: Contract, says: AmendmentSaid) -> None:
    if says.successor is None:
        raise RuleViolation(_("Give the KvK number of the new contractor."), field="successor")
    if says.successor.pk == contract.contractor_id:
        raise RuleViolation(_("This is the contractor already."), field="successor")
    if says.effective_on < database_today() - timedelta(days=31):
        raise RuleViolation(_("A replacement is not written down more than a month afterwards."), field="effective_on")


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
    }  # fmt: skip
