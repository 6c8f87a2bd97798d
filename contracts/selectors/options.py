"""Options as their colleges decide them: who takes part, how each stands, and the list of all that are open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Prefetch, Q

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role, in_regions_of, municipality_ids_of
from achterhoek.region.models import Municipality
from contracts.domain.options import Decided, Standing, standing
from contracts.enums import ContractStatus
from contracts.models import Contract, ContractMunicipality, ContractTerm, OptionDecision
from contracts.rules import next_option, option_deadline

_DAY = timedelta(days=1)
READERS = (Role.CLM, Role.LEAD, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One open option: the contract, its last day to decide, how it stands, and what each college said."""

    contract: Contract
    term: ContractTerm
    latest: date
    standing: Standing
    municipalities: tuple[Municipality, ...]
    decisions: dict[int, OptionDecision]

    @property
    def cells(self) -> list[tuple[Municipality, OptionDecision | None]]:
        return [(one, self.decisions.get(one.pk)) for one in self.municipalities]

    @property
    def decided(self) -> int:
        return len(self.municipalities) - len(self.standing.waiting)


def taking_part(term: ContractTerm) -> list[int]:
    """The municipalities that decide on an option: those in which the contract runs on the day before it."""
    last = term.start - _DAY
    rows = ContractMunicipality.objects.filter(
        Q(end__isnull=True) | Q(end__gte=last), contract=term.contract_id, start__lte=last
    )
    return list(rows.order_by("municipality__name").values_list("municipality", flat=True))


def standing_of(term: ContractTerm) -> Standing:
    """How an option stands now."""
    return standing(taking_part(term), [_decided(one) for one in term.college_decisions.all()])


def _decided(row: OptionDecision) -> Decided:
    return Decided(row.municipality_id, row.outcome, row.condition_met_on is not None)


def open_options(user: Any, *, within: timedelta | None = None, today: date) -> list[OptionRow]:
    """The next option of each contract that runs, the soonest notice date first; a fixed number of queries.

    A college secretary sees those in which its municipality takes part; officials see their regions'. `within`
    leaves out options whose notice date is further away.
    """
    rows = [_row(contract) for contract in _running(user)]
    found = [row for row in rows if row is not None and (within is None or row.latest <= today + within)]
    return sorted(found, key=lambda row: (row.latest, row.contract.segment.position, row.contract.number))


def _running(user: Any) -> list[Contract]:
    active = Contract.objects.filter(status=ContractStatus.ACTIVE)
    if has_role(user, *READERS):
        active = active.filter(in_regions_of(user, *READERS, field="segment__tender__region"))
    elif has_role(user, Role.COLLEGE):
        active = active.filter(contract_municipalities__municipality__in=municipality_ids_of(user)).distinct()
    else:
        return []
    said = OptionDecision.objects.select_related("municipality", "recorded_by")
    terms = ContractTerm.objects.prefetch_related(Prefetch("college_decisions", said))
    places = ContractMunicipality.objects.select_related("municipality").order_by("municipality__name")
    return list(
        active.select_related("contractor", "consortium", "segment__tender__region").prefetch_related(
            Prefetch("terms", terms), Prefetch("contract_municipalities", places)
        )
    )


def _row(contract: Contract) -> OptionRow | None:
    term = next_option(contract)
    if term is None:
        return None
    last = term.start - _DAY
    places = tuple(
        row.municipality
        for row in contract.contract_municipalities.all()
        if row.start <= last and (row.end is None or row.end >= last)
    )
    decisions = {row.municipality_id: row for row in term.college_decisions.all()}
    stands = standing([place.pk for place in places], [_decided(row) for row in decisions.values()])
    return OptionRow(contract, term, option_deadline(contract, term), stands, places, decisions)


def speaks_for(user: Any, rows: Sequence[OptionRow]) -> list[Municipality]:
    """For which municipalities this user may record what their college decided, of those that take part."""
    found = {place.pk: place for row in rows for place in row.municipalities}
    if not has_role(user, Role.CLM):
        own = municipality_ids_of(user)
        found = {pk: place for pk, place in found.items() if pk in own}
    return sorted(found.values(), key=lambda place: place.name)


def option_row(user: Any, term_id: int) -> OptionRow | None:
    """One open option that this user may see."""
    return next((row for row in open_options(user, today=date.max) if row.term.pk == term_id), None)
