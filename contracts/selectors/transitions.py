"""Transitions: the arrangements of contracts that end, how far they are, and the ends without one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role
from achterhoek.region.models import Municipality
from contracts.domain.transitions import Progress, asks_for_arrangement, progress
from contracts.enums import ContractStatus, TransitionStatus
from contracts.models import Contract, ContractMunicipality, TransitionArrangement, TransitionCount
from contracts.rules import ends_on, is_contractor
from procurement.rules import works_for_region

RUNNING = (TransitionStatus.PROPOSED, TransitionStatus.AGREED)
READERS = (Role.CLM, Role.LEAD, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class TransitionRow:
    """An arrangement with its counts and how far it is."""

    arrangement: TransitionArrangement
    counts: tuple[TransitionCount, ...]
    progress: Progress


@dataclass(frozen=True, slots=True)
class OpenEnd:
    """A municipality in which a contract ends, on which day, without an arrangement for its clients."""

    contract: Contract
    municipality: Municipality
    on: date


@dataclass(frozen=True, slots=True)
class OpenContract:
    """A contract that ends in municipalities without an arrangement, the first end on top."""

    contract: Contract
    ends: list[OpenEnd]


def by_contract(ends: Iterable[OpenEnd]) -> list[OpenContract]:
    """The ends under their contract, the one that ends first on top."""
    found: dict[int, OpenContract] = {}
    for end in ends:
        found.setdefault(end.contract.pk, OpenContract(end.contract, [])).ends.append(end)
    return list(found.values())


def ends_of(contract: Contract, rows: Iterable[ContractMunicipality]) -> dict[int, tuple[Municipality, date]]:
    """Where the contract ends, and when: in all of its municipalities, or in one that leaves earlier."""
    whole = ends_on(contract)
    last: dict[int, ContractMunicipality] = {}
    for row in rows:
        known = last.get(row.municipality_id)
        if known is None or row.start > known.start:
            last[row.municipality_id] = row
    found = {}
    for key, row in last.items():
        days = [day for day in (row.end, whole) if day is not None]
        if days:
            found[key] = (row.municipality, min(days))
    return found


def arrangements(user: Any) -> QuerySet[TransitionArrangement]:
    """What this user may see, with all that a page shows of it."""
    return (
        TransitionArrangement.objects.visible_to(user)
        .select_related(
            "old_contract__segment__tender__region", "old_contract__contractor", "old_contract__consortium",
            "new_contract__contractor", "new_contract__consortium", "municipality", "subsegment",
        )
        .prefetch_related(Prefetch("counts", TransitionCount.objects.select_related("told_by").order_by("on")))
        .order_by("due_on", "old_contract__number", "municipality__name")
    )  # fmt: skip


def row_of(arrangement: TransitionArrangement, today: date) -> TransitionRow:
    """How far one arrangement is."""
    counts = tuple(arrangement.counts.all())
    told = [(count.on, count.handed_over) for count in counts]
    runs = arrangement.status in RUNNING
    return TransitionRow(arrangement, counts, progress(arrangement.clients, told, arrangement.due_on, today, runs=runs))


def transition_rows(user: Any, today: date) -> list[TransitionRow]:
    """All arrangements this user may see, what is late first, then by the day they are due."""
    rows = [row_of(arrangement, today) for arrangement in arrangements(user)]
    return sorted(rows, key=lambda row: (row.arrangement.status not in RUNNING, not row.progress.is_late))


def open_ends(user: Any, today: date) -> list[OpenEnd]:
    """Contracts that end within a year, or ended in the last half, in a municipality without an arrangement."""
    ending = (ContractStatus.ACTIVE, ContractStatus.ENDED, ContractStatus.TERMINATED)
    kept = TransitionArrangement.objects.exclude(status=TransitionStatus.DROPPED)
    contracts = (
        Contract.objects.visible_to(user)
        .filter(status__in=ending)
        .select_related("contractor", "consortium", "segment")
        .prefetch_related("terms", "contract_municipalities__municipality", Prefetch("handed_over", kept))
        .order_by("number")
    )
    found = []
    for contract in contracts:
        arranged = {row.municipality_id for row in contract.handed_over.all()}
        ends = ends_of(contract, contract.contract_municipalities.all())
        found += [
            OpenEnd(contract, municipality, day)
            for key, (municipality, day) in ends.items()
            if key not in arranged and asks_for_arrangement(day, today)
        ]
    return sorted(found, key=lambda one: (one.on, one.contract.number, one.municipality.name))


def ends_of_contract(contract: Contract) -> dict[int, tuple[Municipality, date]]:
    """The same for one contract that is at hand."""
    return ends_of(contract, contract.contract_municipalities.select_related("municipality").order_by("start"))


def successors(contract: Contract) -> QuerySet[Contract]:
    """The contracts of the same region that could take clients over."""
    able = (ContractStatus.PREPARED, ContractStatus.ACTIVE)
    region = contract.segment.tender.region_id
    found = Contract.objects.filter(segment__tender__region=region, status__in=able).exclude(pk=contract.pk)
    return found.select_related("contractor", "consortium").order_by("number")


def transitions_of(user: Any, contract: Contract, today: date) -> dict[str, Any] | None:
    """On the contract's page: the arrangements in which it hands over or takes over, and the ends without one."""
    officer = has_role(user, *READERS) and works_for_region(user, contract.segment.tender, *READERS)
    if not officer and not is_contractor(user, contract):
        return None
    own = Q(old_contract=contract) | Q(new_contract=contract)
    rows = [row_of(one, today) for one in arrangements(user).filter(own)]
    arranged = {row.arrangement.municipality_id for row in rows if row.arrangement.status != TransitionStatus.DROPPED}
    without = [
        (municipality, day)
        for key, (municipality, day) in ends_of_contract(contract).items()
        if key not in arranged and asks_for_arrangement(day, today)
    ]
    if not rows and not without:
        return None
    may_work = works_for_region(user, contract.segment.tender, Role.CLM)
    return {"contract": contract, "rows": rows, "without": without, "may_work": may_work}


def own_transitions(user: Any, today: date) -> list[TransitionRow]:
    """On the provider's home: what is agreed, runs, and counts on its figures."""
    if not has_role(user, Role.PROVIDER):
        return []
    mine = Q(old_contract__contractor__memberships__user=user) | Q(new_contract__contractor__memberships__user=user)
    return [row_of(one, today) for one in arrangements(user).filter(mine, status=TransitionStatus.AGREED).distinct()]


def may_tell(user: Any, arrangement: TransitionArrangement) -> bool:
    """Whether this user tells how many are handed over: both contractors do, and Team CLM."""
    if works_for_region(user, arrangement.old_contract.segment.tender, Role.CLM):
        return True
    new = arrangement.new_contract
    return is_contractor(user, arrangement.old_contract) or (new is not None and is_contractor(user, new))


def transition_work(user: Any, today: date) -> tuple[int, int]:
    """On Team CLM's first page: how many contracts end without an arrangement, and how many arrangements are late."""
    running = arrangements(user).filter(status__in=RUNNING, due_on__lt=today)
    late = sum(row_of(one, today).progress.is_late for one in running)
    return len({one.contract.pk for one in open_ends(user, today)}), late
