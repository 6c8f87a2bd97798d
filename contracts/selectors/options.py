"""Options as their colleges decide them: who takes part, how each stands, and the list of all that are open."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
from procurement.models import Segment

_DAY = timedelta(days=1)
# From so long before its notice date an option waits for the colleges.
AHEAD = timedelta(days=365)
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
    rows = [row for contract in _running(user) if (row := _row(contract)) is not None]
    if not has_role(user, *READERS):
        # One that left with an earlier term no longer decides, and no longer follows it.
        own = municipality_ids_of(user)
        rows = [row for row in rows if own & {place.pk for place in row.municipalities}]
    found = [row for row in rows if within is None or row.latest <= today + within]
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


@dataclass(frozen=True, slots=True)
class Waiting:
    """Of the options that a college sees: how many there are, how many wait for it, and until when the first one."""

    total: int
    waiting: int
    first: date | None


def waiting_for_college(user: Any, today: date) -> Waiting | None:
    """What waits for the college of this user within a year; None where it has no options at all."""
    rows = open_options(user, today=today)
    own = {place.pk for place in speaks_for(user, rows)}
    latest = [row.latest for row in rows if own & row.standing.waiting and today <= row.latest <= today + AHEAD]
    return Waiting(len(rows), len(latest), min(latest, default=None)) if own else None


@dataclass(frozen=True, slots=True)
class OptionGroup:
    """The options of one segment; unfolded where one of them was chosen, or the segment was asked for."""

    segment: Segment
    # Each with whether it was chosen, and what the reader's own college said of it.
    rows: list[tuple[OptionRow, bool, OptionDecision | None]]
    unfolded: bool

    @property
    def latest(self) -> date:
        """The first day by which one of them has to be decided."""
        return min(row.latest for row, _chosen, _said in self.rows)

    @property
    def ready(self) -> int:
        """How many of them every college has decided."""
        return sum(row.standing.is_complete for row, _chosen, _said in self.rows)


def option_groups(
    rows: Sequence[OptionRow], chosen: Collection[str], asked: str, own: Municipality | None
) -> list[OptionGroup]:
    """The options under their segments, the segment that has to be decided first on top."""
    found: dict[int, list[OptionRow]] = {}
    for row in rows:
        found.setdefault(row.contract.segment_id, []).append(row)
    groups = []
    for group in found.values():
        segment = group[0].contract.segment
        marked = [(row, str(row.term.pk) in chosen, row.decisions.get(own.pk) if own else None) for row in group]
        unfolded = asked == segment.slug or len(found) == 1 or any(is_chosen for _row, is_chosen, _said in marked)
        groups.append(OptionGroup(segment, marked, unfolded))
    return groups
