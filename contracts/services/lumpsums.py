"""Writers of lump sums: the amount of a year and municipality, its instalments, and corrections of what was planned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.errors import RuleViolation
from achterhoek.nlds.formatting import format_day
from contracts.domain.money import indexed, instalments, to_cents
from contracts.enums import PaymentKind
from contracts.models import Contract, LumpsumAmount, LumpsumPayment
from contracts.selectors.money import LumpsumPlace, is_void, lumpsum_places
from procurement.rules import require_role

# A claim for money lapses after five years (BW 3:308).
CLAIM_YEARS = 5
Amounts = Mapping[tuple[int, int], Decimal]


def amount_field(municipality: int, year: int) -> str:
    """The name of the field of an amount on a form."""
    return f"g{municipality}-{year}"


@transaction.atomic
def set_lumpsums(*, contract: Contract, amounts: Amounts, by: User) -> int:
    """Set the lump sums of municipalities and years, in euros ex VAT; how many were written. All of them, or none.

    Of a year that is divided into instalments, or corrected, the amount stays: what changes then is a correction, with
    its reason.
    Raises `NotAllowed`; `RuleViolation` beside its field for an amount that cannot be, or a year outside the run.
    """
    contract = _locked(contract, by)
    places = {place.municipality.pk: place for place in lumpsum_places(contract)}
    known = {(row.municipality_id, row.year): row for row in contract.lumpsums.prefetch_related("payments")}
    written = 0
    for (municipality, year), amount in amounts.items():
        field = amount_field(municipality, year)
        place = places.get(municipality)
        if place is None or year not in place.years:
            raise RuleViolation(_("The contract does not run in this municipality in that year."), field=field)
        _check_amount(amount, field)
        found = known.get((municipality, year))
        if found is not None and found.amount == amount:
            continue
        if found is not None and found.payments.all():
            raise RuleViolation(
                _("This amount is divided into instalments already. Make a correction instead."), field=field
            )
        _write(contract, place, year, amount, found, by)
        written += 1
    return written


def _check_amount(amount: Decimal, field: str) -> None:
    if amount < 0 or amount != to_cents(amount):
        raise RuleViolation(_("Give an amount in euros, not below zero, with two decimals at most."), field=field)


def _write(
    contract: Contract, place: LumpsumPlace, year: int, amount: Decimal, found: LumpsumAmount | None, by: User
) -> LumpsumAmount:
    before = found.amount if found is not None else None
    row, _made = LumpsumAmount.objects.update_or_create(
        contract=contract, municipality=place.municipality, year=year, defaults={"amount": amount, "set_by": by}
    )
    detail = {
        "contract": contract.number, "municipality": place.municipality.slug, "year": year, "amount": str(amount),
        "before": None if before is None else str(before),
    }  # fmt: skip
    record("contracts.lumpsumamount.set", by=by, target=row, detail=detail)
    return row


@transaction.atomic
def plan_instalments(*, contract: Contract, year: int, parts: int, by: User) -> int:
    """Divide the lump sums of a year into equal instalments; how many were made. What is divided already stays so.

    What was corrected before keeps its corrections. The amount of a municipality that the contract has left before
    that year is not divided. Raises `NotAllowed`; `RuleViolation` where no amount of that year is to be divided.
    """
    contract = _locked(contract, by)
    places = {place.municipality.pk: place for place in lumpsum_places(contract) if year in place.years}
    of_year = contract.lumpsums.filter(year=year, municipality__in=places)
    waiting = of_year.exclude(payments__kind=PaymentKind.INSTALMENT).prefetch_related("payments")
    made: list[LumpsumPayment] = []
    for lumpsum in waiting:
        place = places[lumpsum.municipality_id]
        planned = instalments(lumpsum.amount, year, parts, place.first, place.last)
        made += [
            LumpsumPayment(
                lumpsum=lumpsum, sequence=number, kind=PaymentKind.INSTALMENT, due_on=part.due_on, amount=part.amount,
                made_by=by,
            )
            for number, part in enumerate(planned, start=len(lumpsum.payments.all()) + 1)
        ]  # fmt: skip
    if not made:
        raise RuleViolation(_("There is no amount of %(year)s that is still to be divided.") % {"year": year})
    LumpsumPayment.objects.bulk_create(made)
    detail = {"contract": contract.number, "year": year, "parts": parts, "instalments": len(made)}
    record("contracts.lumpsumpayment.plan", by=by, target=contract, detail=detail)
    return len(made)


@transaction.atomic
def correct_lumpsum(*, lumpsum: LumpsumAmount, amount: Decimal, due_on: date, reason: str, by: User) -> LumpsumPayment:
    """Add a correction, which may be negative; what stood there stays.

    Raises `NotAllowed`; `RuleViolation` also where the same correction was recorded last: a key was pressed twice.
    """
    contract = _locked(lumpsum.contract, by)
    if not reason.strip():
        raise RuleViolation(_("Give the reason of the correction. The contractor reads it."), field="reason")
    if amount == 0 or amount != to_cents(amount):
        raise RuleViolation(_("Give an amount in euros with two decimals at most; below zero is less."), "amount")
    _require_payable(contract, lumpsum.year, due_on)
    planned = list(lumpsum.payments.order_by("sequence"))
    if planned and _same(planned[-1], amount, due_on, reason):
        raise RuleViolation(
            _("This correction was recorded already. Is it a second one? Then say so in the reason."), "reason"
        )
    # Of what is not divided yet, the whole amount is still to be paid.
    divided = any(payment.kind == PaymentKind.INSTALMENT for payment in planned)
    paid = (payment.amount for payment in planned if not is_void(payment, contract.terminated_on))
    before = sum(paid, Decimal(0) if divided else lumpsum.amount)
    if before + amount < 0:
        raise RuleViolation(_("With this correction less than nothing would be paid for this year."), field="amount")
    made = LumpsumPayment.objects.create(
        lumpsum=lumpsum, sequence=len(planned) + 1, kind=PaymentKind.CORRECTION, due_on=due_on, amount=amount,
        reason=reason.strip(), made_by=by,
    )  # fmt: skip
    detail = {
        "contract": contract.number, "municipality": lumpsum.municipality.slug, "year": lumpsum.year,
        "amount": str(amount), "due_on": due_on.isoformat(), "reason": made.reason,
    }  # fmt: skip
    record("contracts.lumpsumpayment.correct", by=by, target=made, detail=detail)
    return made


def _require_payable(contract: Contract, year: int, due_on: date) -> None:
    """A correction is paid after the contract began, and before a claim of that year lapses."""
    last = date(year + CLAIM_YEARS, 12, 31)
    if not contract.start <= due_on <= last:
        words = {"first": format_day(contract.start), "last": format_day(last)}
        raise RuleViolation(_("Choose a day from %(first)s up to and including %(last)s.") % words, field="due_on")


def _same(last: LumpsumPayment, amount: Decimal, due_on: date, reason: str) -> bool:
    said = (PaymentKind.CORRECTION, amount, due_on, reason.strip())
    return (last.kind, last.amount, last.due_on, last.reason) == said


@transaction.atomic
def index_lumpsums(*, contract: Contract, year: int, percentage: Decimal, due_on: date, by: User) -> int:
    """Raise (or lower) the lump sums from a year on by a percentage, to the cent; how many changed.

    A year that is divided already gets a correction of the difference, due on `due_on`; the others a new amount.
    Raises `NotAllowed`, and `RuleViolation` where there is no amount from that year on.
    """
    contract = _locked(contract, by)
    rows = list(contract.lumpsums.filter(year__gte=year).select_related("municipality").prefetch_related("payments"))
    if not rows:
        raise RuleViolation(_("There is no lump sum of %(year)s or later.") % {"year": year}, field="year")
    if percentage <= -100:
        raise RuleViolation(_("Give a percentage above -100."), field="percentage")
    for row in rows:
        after = indexed(row.amount, percentage)
        if row.payments.all():
            difference = after - row.amount
            if difference:
                reason = _("Indexation of %(percentage)s%% from %(year)s") % {"percentage": percentage, "year": year}
                correct_lumpsum(lumpsum=row, amount=difference, due_on=due_on, reason=reason, by=by)
            continue
        detail = {
            "contract": contract.number, "municipality": row.municipality.slug, "year": row.year,
            "amount": str(after), "before": str(row.amount),
        }  # fmt: skip
        row.amount, row.set_by = after, by
        row.save(update_fields=["amount", "set_by"])
        record("contracts.lumpsumamount.set", by=by, target=row, detail=detail)
    return len(rows)


def _locked(contract: Contract, by: User) -> Contract:
    """The contract, held until the end of the transaction, for who may work on its money."""
    found = Contract.objects.select_for_update(of=("self",)).select_related("segment__tender").get(pk=contract.pk)
    require_role(by, found.segment.tender, Role.CLM)
    return found
