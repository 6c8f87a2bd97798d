"""Writers of what a contract says before it is signed: shares, value, and the promises taken over from the bid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from contracts.enums import ContractStatus
from contracts.models import Contract, Indicator, Obligation
from contracts.selectors.indicators import why_not
from contracts.services.signing import locked_contract, require_open_text
from procurement.rules import require_role

WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise in the words of the contract, and where it stood in the bid."""

    promise: str
    source: str
    indicator: Indicator | None = None
    target: Decimal | None = None
    due_on: date | None = None


def share_field(party_id: int) -> str:
    """The name of the field of a share on a form."""
    return f"aandeel{party_id}"


@transaction.atomic
def set_terms_of_money(
    *, contract: Contract, shares: Mapping[int, Decimal | None], value: Decimal | None, by: User
) -> Contract:
    """Set the shares of the parties and the value at the start, while nobody has signed.

    The shares of those that have one are a hundred percent together. Raises `NotAllowed`, and `RuleViolation`.
    """
    contract = locked_contract(contract.pk)
    require_open_text(contract, by)
    if value is not None and value <= 0:
        raise RuleViolation(_("Give a value above zero, or leave it empty."), field="value")
    parties = list(contract.parties.select_related("organisation"))
    given = [share for share in shares.values() if share is not None]
    if any(not 0 < share <= WHOLE for share in given) or (given and sum(given) != WHOLE):
        raise RuleViolation(_("The shares have to be 100% together, each above zero. Leave out those without a share."))
    for party in parties:
        party.share = shares.get(party.pk, party.share)
        party.save(update_fields=["share"])
    contract.initial_value = value
    contract.save(update_fields=["initial_value"])
    detail = {
        "value": None if value is None else str(value),
        "shares": {party.organisation.kvk_number: str(party.share) for party in parties},
    }
    record("contracts.contract.value", by=by, target=contract, detail=detail)
    return contract


@transaction.atomic
def set_missing_value(*, contract: Contract, value: Decimal, by: User) -> Contract:
    """Set the value at the start of a contract in force of which it is not known: changes are measured by it.

    Once; what is known stays as it is (Aw 2.163b). Raises `NotAllowed`, and `RuleViolation`.
    """
    contract = locked_contract(contract.pk)
    require_role(by, contract.segment.tender, Role.CLM)
    if contract.status != ContractStatus.ACTIVE or contract.initial_value is not None:
        raise RuleViolation(_("The value at the start is only filled in of a contract in force that has none."))
    if value <= 0:
        raise RuleViolation(_("Give a value above zero."), field="value")
    contract.initial_value = value
    contract.save(update_fields=["initial_value"])
    record("contracts.contract.value", by=by, target=contract, detail={"value": str(value)})
    return contract


@transaction.atomic
def take_promise(*, contract: Contract, says: Promise, by: User) -> Obligation:
    """Take a promise over from the bid as a numbered obligation: by the lead or Team CLM, into the text that is signed.

    Of a contract in force Team CLM still writes down what the bid, which is part of it, promised.
    Raises `NotAllowed`, and `RuleViolation` beside its field.
    """
    contract = locked_contract(contract.pk)
    if contract.status == ContractStatus.PREPARED:
        require_open_text(contract, by)
    else:
        require_role(by, contract.segment.tender, Role.CLM)
    if contract.status not in (ContractStatus.PREPARED, ContractStatus.ACTIVE):
        raise RuleViolation(_("This contract has ended."))
    if not says.promise.strip():
        raise RuleViolation(_("Write down what was promised."), field="promise")
    if not says.source.strip():
        raise RuleViolation(_("Say where it stands in the bid."), field="source")
    if says.target is not None and says.indicator is None:
        raise RuleViolation(_("Choose the indicator that this figure is of."), field="indicator")
    if says.indicator is not None:
        _check_indicator(contract, says.indicator, says.target)
    last = contract.obligations.aggregate(last=Max("sequence"))["last"] or 0
    made = Obligation.objects.create(
        contract=contract, sequence=last + 1, promise=says.promise.strip(), source=says.source.strip(),
        indicator=says.indicator, target=says.target, due_on=says.due_on,
    )  # fmt: skip
    detail = {"contract": contract.number, "sequence": made.sequence, "promise": made.promise, "source": made.source}
    record("contracts.obligation.take", by=by, target=made, detail=detail)
    return made


def _check_indicator(contract: Contract, indicator: Indicator, target: Decimal | None) -> None:
    """Of this region, and a figure that can be reported: no promise of 150%."""
    if indicator.region_id != contract.segment.tender.region_id:
        raise RuleViolation(_("Choose an indicator of the region of this segment."), field="indicator")
    if target is not None and (reason := why_not(indicator, target)):
        raise RuleViolation(reason, field="target")


@transaction.atomic
def meet_promise(*, obligation: Obligation, on: date, by: User) -> Obligation:
    """A promise was kept on this day. Raises `NotAllowed`, `RuleViolation`."""
    contract = locked_contract(obligation.contract_id)
    require_role(by, contract.segment.tender, Role.CLM)
    obligation = Obligation.objects.select_for_update(of=("self",)).get(pk=obligation.pk)
    if obligation.met_on is not None:
        raise RuleViolation(_("This promise was kept already."))
    if not contract.start <= on <= database_today():
        raise RuleViolation(_("Choose a day from the start of the contract up to today."), field="on")
    obligation.met_on = on
    obligation.save(update_fields=["met_on"])
    detail = {"contract": contract.number, "sequence": obligation.sequence, "on": on.isoformat()}
    record("contracts.obligation.meet", by=by, target=obligation, detail=detail)
    return obligation
