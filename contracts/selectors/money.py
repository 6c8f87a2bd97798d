"""What a contract costs: its funding, tariffs and lump sums, and what was planned and exported of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.formats import number_format

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role, in_regions_of
from achterhoek.documents.gate import reads
from achterhoek.documents.models import StoredFile
from achterhoek.region.models import Municipality, Region
from contracts.domain.money import part_of_year, to_cents, total
from contracts.enums import ContractStatus, PaymentKind
from contracts.models import (
    Contract,
    ContractFunding,
    ContractMunicipality,
    LumpsumAmount,
    LumpsumPayment,
    PaymentExport,
    Tariff,
)
from contracts.rules import is_contractor, last_day_of
from procurement.rules import works_for_region

PAYMENTS_FILE = "payment_export"
READERS = (Role.CLM, Role.LEAD, Role.AUDITOR)
NOTHING = Decimal(0)
# What the corrections of an amount come to, and what is not paid of it as its contract ended early.
_VOID = Q(
    payments__kind=PaymentKind.INSTALMENT, payments__export__isnull=True,
    payments__due_on__gt=F("contract__terminated_on"),
)  # fmt: skip
CORRECTIONS = Coalesce(Sum("payments__amount", filter=Q(payments__kind=PaymentKind.CORRECTION)), NOTHING) - Coalesce(
    Sum("payments__amount", filter=_VOID), NOTHING
)


@dataclass(frozen=True, slots=True)
class LumpsumPlace:
    """A municipality of a contract and the days on which it runs there, both ends included."""

    municipality: Municipality
    first: date
    last: date

    @property
    def years(self) -> range:
        return range(self.first.year, self.last.year + 1)


@dataclass(frozen=True, slots=True)
class LumpsumRow:
    """One amount with its payments, and what they come to."""

    lumpsum: LumpsumAmount
    payments: tuple[LumpsumPayment, ...]
    ended_on: date | None = None

    @property
    def corrected(self) -> Decimal:
        """The amount with its corrections, without what lapsed: what is paid for the year in all."""
        corrections = (row.amount for row in self.payments if row.kind == PaymentKind.CORRECTION)
        return self.lumpsum.amount + total(corrections) - total(row.amount for row, lapsed in self.told if lapsed)

    @property
    def told(self) -> list[tuple[LumpsumPayment, bool]]:
        """Each payment, and whether it lapsed as the contract ended early."""
        return [(row, is_void(row, self.ended_on)) for row in self.payments]

    @property
    def exported(self) -> Decimal:
        return total(row.amount for row in self.payments if row.export_id is not None)


def is_void(payment: LumpsumPayment, ended_on: date | None) -> bool:
    """Whether an instalment is not paid, as it is due after the last day of a contract that ended early.

    What was sent to be paid already, was paid: that is settled by a correction.
    """
    planned = payment.kind == PaymentKind.INSTALMENT and payment.export_id is None
    return planned and ended_on is not None and payment.due_on > ended_on


def lumpsum_places(contract: Contract) -> list[LumpsumPlace]:
    """The municipalities of a contract, each with its run within the run of the contract."""
    rows = contract.contract_municipalities.select_related("municipality").order_by("municipality__name")
    return places_within(contract, rows)


def places_within(contract: Contract, rows: Iterable[ContractMunicipality]) -> list[LumpsumPlace]:
    """The run in each municipality, cut off where the contract ends."""
    end = last_day_of(contract)
    return [LumpsumPlace(row.municipality, row.start, min(row.end or end, end)) for row in rows if row.start <= end]


def proposals(places: Iterable[LumpsumPlace], rows: Iterable[LumpsumRow], year: int) -> dict[int, tuple[Decimal, int]]:
    """For a year of which the contract runs a part: the part by days of a whole year that is set, and of which year.

    The whole year beside it goes first: the next one for a beginning, the one before for an end.
    """
    known = {(row.lumpsum.municipality_id, row.lumpsum.year): row.lumpsum.amount for row in rows}
    found = {}
    for place in places:
        key = place.municipality.pk
        whole = [other for other in place.years if is_whole(other, place) and (key, other) in known]
        if is_whole(year, place) or not whole:
            continue
        near = min(whole, key=lambda other: abs(other - year))
        found[key] = (part_of_year(known[key, near], year, place.first, place.last), near)
    return found


def is_whole(year: int, place: LumpsumPlace) -> bool:
    """Whether the contract runs in this municipality from the first day of a year to its last."""
    return place.first <= date(year, 1, 1) and place.last >= date(year, 12, 31)


def lumpsum_rows(contract: Contract) -> list[LumpsumRow]:
    """All lump sums of a contract, by year and municipality, with their payments; two queries."""
    payments = LumpsumPayment.objects.select_related("export").order_by("sequence")
    rows = contract.lumpsums.select_related("municipality").prefetch_related(Prefetch("payments", payments))
    found = rows.order_by("year", "municipality__name")
    return [LumpsumRow(row, tuple(row.payments.all()), contract.terminated_on) for row in found]


@dataclass(frozen=True, slots=True)
class LumpsumYear:
    """The amounts of one year, and what it comes to in all; one of the years stands unfolded on the page."""

    year: int
    rows: list[LumpsumRow]
    unfolded: bool

    @property
    def total(self) -> Decimal:
        return total(row.corrected for row in self.rows)


def by_year(rows: list[LumpsumRow], today: date) -> list[LumpsumYear]:
    """The amounts under their year, the last on top; unfolded is this year, or else the one nearest to it."""
    years = sorted({row.lumpsum.year for row in rows}, reverse=True)
    shown = min(years, key=lambda year: abs(year - today.year), default=0)
    return [LumpsumYear(year, [row for row in rows if row.lumpsum.year == year], year == shown) for year in years]


def fundings_of(contract: Contract) -> list[ContractFunding]:
    """How the contract is paid for: of each subsegment, or as a whole."""
    return list(contract.fundings.select_related("subsegment"))


@dataclass(frozen=True, slots=True)
class TariffRow:
    """A tariff on the page: whether it held before, and whether it is the last of its work."""

    tariff: Tariff
    is_past: bool
    is_last: bool

    @property
    def price(self) -> str:
        """In cents, or with all of its decimals where it has more."""
        places = 2 if self.tariff.price == to_cents(self.tariff.price) else 4
        return number_format(self.tariff.price, places, use_l10n=True, force_grouping=True)


@dataclass(frozen=True, slots=True)
class Tariffs:
    """What holds on a day or will hold later, and what held before."""

    now: list[TariffRow]
    past: list[TariffRow]

    def __bool__(self) -> bool:
        return bool(self.now or self.past)

    def __iter__(self) -> Iterator[TariffRow]:
        yield from (*self.now, *self.past)


def tariffs_of(contract: Contract, on: date) -> Tariffs:
    """All tariffs of a contract, by work."""
    rows = list(contract.tariffs.select_related("subsegment").order_by("subsegment__position", "unit", "start"))
    last = {(row.subsegment_id, row.unit): row.pk for row in rows}
    found = [
        TariffRow(row, row.end is not None and row.end < on, last[row.subsegment_id, row.unit] == row.pk)
        for row in rows
    ]
    return Tariffs([row for row in found if not row.is_past], [row for row in found if row.is_past])


def money_of(user: Any, contract: Contract, today: date) -> dict[str, Any] | None:
    """On the contract's page: how it is paid for and what this year comes to; None for who may not see it."""
    if not may_see_money(user, contract):
        return None
    of_this_year = contract.lumpsums.filter(year=today.year).annotate(corrected=CORRECTIONS)
    amounts = [amount + corrected for amount, corrected in of_this_year.values_list("amount", "corrected")]
    return {
        "contract": contract,
        "fundings": fundings_of(contract),
        "year": today.year,
        "this_year": total(amounts) if amounts else None,
    }


def contracts_with_money(user: Any) -> QuerySet[Contract]:
    """The contracts that this user may see, for the pages of their money."""
    return Contract.objects.visible_to(user).select_related("contractor", "consortium", "segment__tender__region")


def may_see_money(user: Any, contract: Contract) -> bool:
    """The contractor's own members, and the officials of the region; nobody else."""
    return works_for_region(user, contract.segment.tender, *READERS) or is_contractor(user, contract)


def regions_of_money(user: Any) -> QuerySet[Region]:
    """The regions whose payments this user may see."""
    if not has_role(user, *READERS):
        return Region.objects.none()
    return Region.objects.filter(in_regions_of(user, *READERS, field="pk")).order_by("name")


def payments_due(region: Region, until: date) -> QuerySet[LumpsumPayment]:
    """What is due up to a day and stands in no file yet; no instalment after the early end of its contract."""
    signed = (ContractStatus.ACTIVE, ContractStatus.ENDED, ContractStatus.TERMINATED)
    until_the_end = Q(lumpsum__contract__terminated_on=None) | Q(due_on__lte=F("lumpsum__contract__terminated_on"))
    return LumpsumPayment.objects.filter(
        Q(kind=PaymentKind.CORRECTION) | until_the_end,
        export__isnull=True,
        due_on__lte=until,
        lumpsum__contract__segment__tender__region=region,
        lumpsum__contract__status__in=signed,
    )


def exports_of(regions: QuerySet[Region]) -> QuerySet[PaymentExport]:
    """The files that were made, the newest first."""
    return (
        PaymentExport.objects.filter(region__in=regions)
        .select_related("region", "file", "made_by")
        .order_by("-made_at")
    )


def costs_of(regions: QuerySet[Region], year: int) -> list[dict[str, Any]]:
    """What a year costs by segment and municipality, corrections included; one query."""
    rows = (
        LumpsumAmount.objects.filter(contract__segment__tender__region__in=regions, year=year)
        .annotate(corrected=CORRECTIONS)
        .values_list("contract__segment__name", "municipality__name", "amount", "corrected")
    )
    found: dict[tuple[str, str], Decimal] = {}
    for segment, municipality, amount, corrected in rows:
        found[segment, municipality] = found.get((segment, municipality), NOTHING) + amount + corrected
    return [{"segment": key[0], "municipality": key[1], "amount": amount} for key, amount in sorted(found.items())]


def costs_by(costs: list[dict[str, Any]], name: str) -> list[tuple[str, Decimal]]:
    """What was found, added up by segment or by municipality."""
    keys = sorted({row[name] for row in costs})
    return [(key, total(row["amount"] for row in costs if row[name] == key)) for key in keys]


@reads(PAYMENTS_FILE)
def may_read_payments(user: Any, stored: StoredFile) -> bool:
    """Officials of the region alone: it holds the amounts of all contractors."""
    return PaymentExport.objects.filter(file=stored, region__in=regions_of_money(user)).exists()
