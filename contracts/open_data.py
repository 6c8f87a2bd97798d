"""What the open data tells of contracts: those that were signed (the register shows the same ones)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Prefetch

from achterhoek.clock import database_today
from contracts.enums import ContractStatus, TermStatus
from contracts.models import Contract, ContractParty, Subcontractor
from contracts.rules import last_day_of, terms_of
from procurement import open_data_registry
from procurement.domain.open_data import ContractFact, Supplier
from providers.models import Organisation

STATES = {
    ContractStatus.ACTIVE: "active",
    ContractStatus.ENDED: "terminated",
    ContractStatus.TERMINATED: "terminated",
}


def published_contracts(tender_ids: Collection[int]) -> list[ContractFact]:
    """The signed contracts of these tenders; a fixed number of queries."""
    today = database_today()
    working = Subcontractor.objects.filter(start__lte=today).select_related("organisation")
    parties = ContractParty.objects.select_related("organisation").order_by("-is_lead", "organisation__name")
    signed = (
        Contract.objects.filter(segment__tender__in=tender_ids)
        .exclude(status=ContractStatus.PREPARED)
        .select_related("segment", "contractor", "consortium")
        .prefetch_related(
            "terms",
            Prefetch("parties", parties, to_attr="party_rows"),
            Prefetch("subcontractors", working.order_by("organisation__name", "start"), to_attr="hired"),
        )
        .order_by("number")
    )
    return [_fact(contract, today) for contract in signed]


def _fact(contract: Contract, today: date) -> ContractFact:
    end = last_day_of(contract)
    options = [term.end for term in terms_of(contract) if term.status != TermStatus.DECLINED]
    parties = _parties(contract, min(max(today, contract.start), end))
    over = contract.status != ContractStatus.ACTIVE
    return ContractFact(
        tender=contract.segment.tender_id,
        segment=contract.segment.slug,
        number=contract.number,
        title=f"{contract.segment.name}: {contract.party_name}",
        status=STATES[ContractStatus(contract.status)],
        start=contract.start,
        end=end,
        latest_end=end if over else max([end, *options]),
        signed_at=contract.signed_at,
        suppliers=tuple(_supplier(organisation) for organisation in parties),
        award=contract.award_id,
        subcontractors=_hired(contract),
    )


def _parties(contract: Contract, day: date) -> list[Organisation]:
    """Whom it is with on this day, the lead first: members join and leave, and a contractor can be replaced."""
    rows: list[ContractParty] = contract.party_rows  # type: ignore[attr-defined]
    return [row.organisation for row in rows if row.start <= day and (row.end is None or row.end >= day)]


def _hired(contract: Contract) -> tuple[tuple[Supplier, date], ...]:
    """Each subcontractor of the register once, from its first day on."""
    found: dict[int, tuple[Supplier, date]] = {}
    for hired in contract.hired:  # type: ignore[attr-defined]
        found.setdefault(hired.organisation_id, (_supplier(hired.organisation), hired.start))
    return tuple(found.values())


def _supplier(organisation: Organisation) -> Supplier:
    return Supplier(organisation.kvk_number, organisation.name, organisation.city)


def register() -> None:
    """Called once, when the app is ready."""
    open_data_registry.register_contracts(published_contracts)
