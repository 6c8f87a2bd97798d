"""Lump sums as files: the template to fill in, and the overview of a year as a workbook."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import in_regions_of
from achterhoek.region.models import Region
from achterhoek.spreadsheets import Table, Value
from contracts.domain.lumpsum_rows import COLUMNS
from contracts.domain.money import total
from contracts.models import Contract, LumpsumAmount
from contracts.selectors.money import LumpsumPlace, costs_by, costs_of, places_within

TEMPLATE = "lumpsums"


def contracts_to_fill(user: Any) -> QuerySet[Contract]:
    """The contracts of which this user sets the lump sums, with what tells their run."""
    regions = in_regions_of(user, Role.CLM, field="segment__tender__region")
    return (
        Contract.objects.filter(regions)
        .prefetch_related("terms", "contract_municipalities__municipality")
        .order_by("number")
    )


def places_of(contract: Contract) -> list[LumpsumPlace]:
    """The municipalities of a prefetched contract, by name."""
    rows = sorted(contract.contract_municipalities.all(), key=lambda row: row.municipality.name)
    return places_within(contract, rows)


def template_table(user: Any, year: int) -> Table:
    """A row for each contract and municipality that runs in a year, with the amount that is known."""
    known = {
        (row.contract_id, row.municipality_id): row.amount
        for row in LumpsumAmount.objects.filter(year=year, contract__in=contracts_to_fill(user).order_by())
    }
    rows: list[list[Value]] = []
    for contract in contracts_to_fill(user):
        for place in places_of(contract):
            if year in place.years:
                amount = known.get((contract.pk, place.municipality.pk))
                rows.append([contract.number, place.municipality.name, year, amount])
    return Table(_("Lump sums"), list(COLUMNS), rows)


def overview_tables(regions: QuerySet[Region], year: int) -> list[Table]:
    """What a year costs, corrections included: each segment and municipality, and both by themselves with totals."""
    costs = costs_of(regions, year)
    whole = total(row["amount"] for row in costs)
    by_segment, by_place = costs_by(costs, "segment"), costs_by(costs, "municipality")
    amount = _("Amount (euro)")
    return [
        Table(
            _("All lump sums"), [_("Segment"), _("Municipality"), amount],
            [*([row["segment"], row["municipality"], row["amount"]] for row in costs), [_("Total"), "", whole]],
        ),
        Table(_("By segment"), [_("Segment"), amount], _with_total(by_segment, whole)),
        Table(_("By municipality"), [_("Municipality"), amount], _with_total(by_place, whole)),
    ]  # fmt: skip


def _with_total(sums: list[tuple[str, Decimal]], whole: Decimal) -> list[list[Value]]:
    rows: list[list[Value]] = [[name, amount] for name, amount in sums]
    return [*rows, [_("Total"), whole]]
