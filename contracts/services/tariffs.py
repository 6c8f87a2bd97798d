"""Writers of how a contract is paid for: its funding, and its tariffs, of which a new one follows up the old one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.errors import RuleViolation
from achterhoek.nlds.formatting import format_day
from contracts.domain.money import PRICE, indexed_price
from contracts.domain.privacy import holds_bsn
from contracts.enums import ContractStatus, TariffUnit
from contracts.models import Contract, ContractFunding, Tariff
from contracts.rules import last_day_of
from contracts.services.signing import require_open_text
from procurement.enums import FundingModel
from procurement.models import SubSegment
from procurement.rules import require_role

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Price:
    """A tariff as it is agreed: for which work (none: all of it), of what, how much, and from when."""

    subsegment: SubSegment | None
    unit: str
    price: Decimal
    start: date


@transaction.atomic
def set_funding(
    *, contract: Contract, subsegment: SubSegment | None, model: str, provisional: bool, note: str, by: User
) -> ContractFunding:
    """Say how the contract, or one subsegment of it, is paid for.

    It stands in the text that is signed: before anybody signed the text is laid out anew, and between both signatures
    it stays. Raises `NotAllowed`, `RuleViolation`.
    """
    contract = _locked(contract, by)
    if contract.status == ContractStatus.PREPARED:
        require_open_text(contract, by)
    _require_own(contract, subsegment)
    if model not in FundingModel.values:
        raise RuleViolation(_("Make a choice."), field="model")
    if holds_bsn(note):
        raise RuleViolation(
            _("This looks like a citizen service number (BSN). Take it out: write no data about clients here."), "note"
        )
    before = ContractFunding.objects.filter(contract=contract, subsegment=subsegment).first()
    row, _made = ContractFunding.objects.update_or_create(
        contract=contract,
        subsegment=subsegment,
        defaults={"model": model, "provisional": provisional, "note": note.strip()},
    )
    detail = {
        "contract": contract.number, "subsegment": _slug(subsegment), "funding": model, "provisional": provisional,
        "before": before.model if before else None,
    }  # fmt: skip
    record("contracts.contractfunding.set", by=by, target=row, detail=detail)
    return row


@transaction.atomic
def set_tariff(*, contract: Contract, price: Price, by: User) -> Tariff:
    """Set a tariff from a day on; the one that held until then ends the day before.

    From the very day of the last tariff it corrects that one; the log keeps what it was. Before the last one nothing
    is put in between. Raises `NotAllowed`, and `RuleViolation` beside its field.
    """
    contract = _locked(contract, by)
    _require_own(contract, price.subsegment)
    _check(contract, price)
    last = _same_work(contract, price.subsegment, price.unit).last()
    if last is not None and price.start < last.start:
        raise RuleViolation(
            _("A tariff from %(day)s is known already. Choose that day or a later one.")
            % {"day": format_day(last.start)},
            field="start",
        )
    before = last.price if last is not None else None
    if last is not None and last.start == price.start:
        made = last
        made.price = price.price
        made.save(update_fields=["price"])
    else:
        if last is not None and (last.end is None or last.end >= price.start):
            last.end = price.start - _DAY
            last.save(update_fields=["end"])
        made = Tariff.objects.create(
            contract=contract, subsegment=price.subsegment, unit=price.unit, price=price.price, start=price.start
        )
    record("contracts.tariff.set", by=by, target=made, detail=_detail(made, before))
    return made


@transaction.atomic
def withdraw_tariff(*, tariff: Tariff, by: User) -> None:
    """Take back a tariff that was set by mistake: the one before it holds again. Only the last one of its work.

    Raises `NotAllowed`, `RuleViolation`.
    """
    contract = _locked(tariff.contract, by)
    rows = list(_same_work(contract, tariff.subsegment, tariff.unit))
    if not rows or rows[-1].pk != tariff.pk:
        raise RuleViolation(_("A later tariff follows this one. Take that one back first."))
    record("contracts.tariff.withdraw", by=by, target=rows[-1], detail=_detail(rows[-1]))
    start = rows[-1].start
    rows[-1].delete()
    if len(rows) > 1 and rows[-2].end == start - _DAY:
        rows[-2].end = None
        rows[-2].save(update_fields=["end"])


@transaction.atomic
def index_tariffs(*, contract: Contract, year: int, percentage: Decimal, by: User) -> int:
    """Raise (or lower) the tariffs from the first day of a year on by a percentage; how many were written.

    A tariff that runs on over that day ends the day before and is followed up; one that begins later is changed, and
    the log keeps what it was. Raises `NotAllowed`, `RuleViolation`.
    """
    contract = _locked(contract, by)
    if percentage <= -100:
        raise RuleViolation(_("Give a percentage above -100."), field="percentage")
    first = date(year, 1, 1)
    rows = [row for row in contract.tariffs.select_related("subsegment") if row.end is None or row.end >= first]
    for row in rows:
        before, after, end = row.price, indexed_price(row.price, percentage), row.end
        if row.start < first:
            row.end = first - _DAY
            row.save(update_fields=["end"])
            row = Tariff(contract=contract, subsegment=row.subsegment, unit=row.unit, start=first, end=end)
        row.price = after
        row.save()
        record("contracts.tariff.set", by=by, target=row, detail=_detail(row, before))
    return len(rows)


def _same_work(contract: Contract, subsegment: SubSegment | None, unit: str) -> QuerySet[Tariff]:
    return contract.tariffs.filter(subsegment=subsegment, unit=unit).order_by("start")


def _check(contract: Contract, price: Price) -> None:
    if price.unit not in TariffUnit.values:
        raise RuleViolation(_("Make a choice."), field="unit")
    if price.price <= 0 or price.price != price.price.quantize(PRICE):
        raise RuleViolation(_("Give a price in euros above zero, with four decimals at most."), field="price")
    last = last_day_of(contract)
    if not contract.start <= price.start <= last:
        raise RuleViolation(
            _("Choose a day within the run of the contract, from %(first)s to %(last)s.")
            % {"first": format_day(contract.start), "last": format_day(last)},
            field="start",
        )


def _require_own(contract: Contract, subsegment: SubSegment | None) -> None:
    if subsegment is not None and not contract.subsegments.filter(pk=subsegment.pk).exists():
        raise RuleViolation(_("This work is no part of the contract."), field="subsegment")


def _detail(row: Tariff, before: Decimal | None = None) -> dict[str, str | None]:
    return {
        "contract": row.contract.number, "subsegment": _slug(row.subsegment), "unit": row.unit,
        "price": str(row.price), "start": row.start.isoformat(), "before": None if before is None else str(before),
    }  # fmt: skip


def _slug(subsegment: SubSegment | None) -> str | None:
    return subsegment.slug if subsegment is not None else None


def _locked(contract: Contract, by: User) -> Contract:
    found = Contract.objects.select_for_update(of=("self",)).select_related("segment__tender").get(pk=contract.pk)
    require_role(by, found.segment.tender, Role.CLM)
    return found
