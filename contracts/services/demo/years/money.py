"""The money of each contract: lump sums of every year and municipality, instalments, tariffs, and what was exported."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from contracts.domain.money import instalments, part_of_year, to_cents
from contracts.enums import ContractStatus, PaymentKind
from contracts.models import Contract, LumpsumAmount, LumpsumPayment, Tariff
from contracts.selectors.money import payments_due
from contracts.services.demo.files import Document
from contracts.services.demo.plan import Plan
from contracts.services.demo.years.base import Run, Years, at
from contracts.services.lumpsums import correct_lumpsum
from contracts.services.payment_exports import export_payments

_DAY = timedelta(days=1)
# A year is paid each quarter; what was paid longer ago stands in the books of before this portal.
PARTS, PAID_SINCE = 4, 1
# Days before today on which a file of payments was made.
EXPORTS = (-190, -135, -45)


def pay(years: Years) -> None:
    """Lump sums with their instalments, and tariffs."""
    amounts = LumpsumAmount.objects.bulk_create(
        [row for run in years.runs for row in _amounts(years, run)], batch_size=2000
    )
    places = {(run.contract.pk, place.municipality_id): (run, place) for run in years.runs for place in run.places}
    payments: list[LumpsumPayment] = []
    values: dict[int, Decimal] = defaultdict(Decimal)
    for row in amounts:
        run, place = places[row.contract_id, row.municipality_id]
        first_term = next(term for term in run.contract.terms.all() if term.sequence == 1)
        values[row.contract_id] += row.amount if row.year <= first_term.end.year else 0
        if years.today.year - PAID_SINCE <= row.year <= years.today.year:
            last = min(place.end or run.last, run.last)
            payments += [
                LumpsumPayment(
                    lumpsum=row, sequence=number, kind=PaymentKind.INSTALMENT, due_on=part.due_on, amount=part.amount,
                    made_by=years.clm, made_at=at(date(row.year, 1, 1)),
                )
                for number, part in enumerate(instalments(row.amount, row.year, PARTS, place.start, last), start=1)
            ]  # fmt: skip
    LumpsumPayment.objects.bulk_create(payments, batch_size=2000)
    for run in years.runs:
        run.contract.initial_value = values.get(run.contract.pk)
    Contract.objects.bulk_update([run.contract for run in years.runs], ["initial_value"])
    Tariff.objects.bulk_create([row for run in years.runs for row in _tariffs(years, run)])


def _amounts(years: Years, run: Run) -> list[LumpsumAmount]:
    """The years of the run as it is agreed, each with its indexation; a part of a year by its days."""
    said = years.said["money"]
    if run.segment not in said["lumpsums"]:
        return []
    base = Decimal(said["lumpsums"][run.segment]) * Decimal(str(round(run.dice("size").uniform(0.45, 1.7), 2)))
    weights = {slug: Decimal(weight) for slug, weight in said["weights"].items()}
    whole = sum(weights.values(), Decimal(0))
    rows = []
    for place in run.places:
        last = min(place.end or run.last, run.last)
        amount = base * weights[place.municipality.slug] / whole
        for year in range(run.contract.start.year, last.year + 1):
            amount *= 1 + _indexed(years, year) / 100
            rows.append(
                LumpsumAmount(
                    contract=run.contract, municipality=place.municipality, year=year, set_by=years.clm,
                    amount=part_of_year(to_cents(amount), year, place.start, last), set_at=at(date(year - 1, 11, 15)),
                )
            )  # fmt: skip
    return rows


def _indexed(years: Years, year: int) -> Decimal:
    known = date(year, 1, 1) <= years.today
    return Decimal(years.said["indexation"]["percentages"].get(year, 0)) if known else Decimal(0)


def _tariffs(years: Years, run: Run) -> list[Tariff]:
    """A price a year, from the first of January; the last one stays in force."""
    rows = []
    parts = {part.slug: part for part in run.contract.subsegments.all()}
    for said in years.said["money"]["tariffs"]:
        if said["segment"] != run.segment:
            continue
        price = Decimal(said["price"]) * Decimal(str(round(run.dice("price").uniform(0.95, 1.05), 3)))
        starts = [run.contract.start] + [
            date(year, 1, 1)
            for year in years.said["indexation"]["percentages"]
            if run.contract.start < date(year, 1, 1) <= min(years.today, run.last)
        ]
        for number, start in enumerate(starts):
            price *= 1 + (_indexed(years, start.year) / 100 if number else 0)
            end = starts[number + 1] - _DAY if number + 1 < len(starts) else None
            ended = run.last if run.contract.status == ContractStatus.ENDED else None
            rows.append(
                Tariff(
                    contract=run.contract, subsegment=parts.get(said.get("subsegment", "")), unit=said["unit"],
                    price=price.quantize(Decimal("0.01") if price > 10 else Decimal("0.0001")), start=start,
                    end=end or ended,
                )
            )  # fmt: skip
    return rows


def plan_payments(years: Years, plan: Plan) -> None:
    """Files for the financial system, each with what was due by then; and a few corrections."""
    for days in EXPORTS:
        plan.at(plan.day(days, 9), partial(_export, years, days))
    for said in years.said["money"]["corrections"]:
        plan.at(plan.day(said["days"], 13), partial(_correct, years, said))


def _export(years: Years, days: int) -> None:
    until = years.today + timedelta(days=days)
    if payments_due(years.tender.region, until).exists():
        export_payments(region=years.tender.region, until=until, by=years.clm)


def _correct(years: Years, said: Document) -> None:
    on = years.today + timedelta(days=said["days"])
    row = LumpsumAmount.objects.filter(
        contract__number=said["contract"], municipality__slug=said["municipality"], year=on.year
    ).first()
    if row is not None and row.payments.exists():
        correct_lumpsum(
            lumpsum=row, amount=Decimal(said["amount"]), due_on=on + timedelta(days=30), reason=said["reason"],
            by=years.clm,
        )  # fmt: skip
