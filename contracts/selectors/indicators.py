"""Which figures are asked of a contract, and what one may be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role, in_regions_of
from achterhoek.region.models import Municipality, Region
from contracts.domain.figures import write_figure
from contracts.domain.results import Measure, Problem, Quarter, runs_in
from contracts.models import Contract, ContractMunicipality, Indicator, ResultFigure, SegmentIndicator
from contracts.rules import last_day_of


@dataclass(frozen=True, slots=True)
class Asked:
    """One indicator as it is asked of a segment, with the norm for its contracts."""

    indicator: Indicator
    norm: Decimal | None

    @property
    def measure(self) -> Measure:
        return measure_of(self.indicator)


def measure_of(indicator: Indicator) -> Measure:
    return Measure(indicator.lowest, indicator.highest, indicator.decimals, indicator.direction)


def asked_of(segment_ids: Iterable[int]) -> dict[int, list[Asked]]:
    """What is asked of each of these segments, in the order of the indicators; one query."""
    keys = list(segment_ids)
    found: dict[int, list[Asked]] = {key: [] for key in keys}
    rows = SegmentIndicator.objects.filter(segment__in=keys).select_related("indicator")
    for row in rows.order_by("indicator__position", "indicator__code"):
        found[row.segment_id].append(Asked(row.indicator, row.norm))
    return found


def asked_of_contract(contract: Contract) -> list[Asked]:
    return asked_of([contract.segment_id])[contract.segment_id]


def places_in(contract: Contract, quarter: Quarter) -> list[Municipality]:
    """The municipalities in which the contract runs in (part of) a quarter."""
    end = last_day_of(contract)
    rows = ContractMunicipality.objects.filter(contract=contract).select_related("municipality")
    return [row.municipality for row in rows if runs_in(quarter, row.start, min(row.end or end, end))]


# What cannot change under figures that were reported: they would mean something else.
MEANING = ("code", "unit", "direction")


def is_reported(indicator: Indicator) -> bool:
    """Whether there are figures of an indicator."""
    return ResultFigure.objects.filter(indicator=indicator.pk).exists()


def why_not(indicator: Indicator, value: Decimal) -> str:
    """Why a figure cannot be, with the rule; empty where it can."""
    problem = measure_of(indicator).problem(value)
    if problem is None:
        return ""
    words = {
        "name": indicator.name,
        "low": write_figure(indicator.lowest),
        "high": write_figure(indicator.highest),
    }
    if problem == Problem.DECIMALS:
        if indicator.decimals == 0:
            return _("%(name)s is a whole number, without decimals.") % words
        if indicator.decimals == 1:
            return _("%(name)s has at most one decimal.") % words
        return _("%(name)s has at most two decimals.") % words
    if indicator.highest is None:
        if problem == Problem.TOO_HIGH:
            return _("This number cannot be. Check it.")
        return _("%(name)s is %(low)s or more.") % words
    return _("%(name)s lies between %(low)s and %(high)s.") % words


def range_of(indicator: Indicator) -> str:
    """What can be filled in, in words."""
    words = {"low": write_figure(indicator.lowest), "high": write_figure(indicator.highest), "unit": indicator.unit}
    if indicator.highest is None:
        return _("In %(unit)s, %(low)s or more.") % words
    return _("In %(unit)s, from %(low)s to %(high)s.") % words


def regions_without_indicators(user: Any) -> Sequence[Region]:
    """The regions in which Team CLM may begin with the starter set."""
    if not has_role(user, Role.CLM):
        return []
    held: Q = in_regions_of(user, Role.CLM, field="pk")
    return list(
        Region.objects.filter(held, indicators__isnull=True, tenders__segments__contracts__isnull=False).distinct()
    )
