"""What the open data tells of contracts: those that were signed (the register shows the same ones)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Prefetch

from achterhoek.clock import database_today
from contracts.enums import ContractStatus, TermStatus
from contracts.models import Contract, Subcontractor
from contracts.rules import last_day_of, terms_of
from procurement import open_data_registry
from procurement.domain.open_data import ContractFact, Supplier
from providers.models import ConsortiumMember, Organisation

STATES = {
    ContractStatus.ACTIVE: "active",
    ContractStatus.ENDED: "terminated",
    ContractStatus.TERMINATED: "terminated",
}


def published_contracts(tender_ids: Collection[int]) -> list[ContractFact]:
    """The signed contracts of these tenders; a fixed number of queries."""
    working = Subcontractor.objects.filter(start__lte=database_today()).select_related("organisation")
    members = ConsortiumMember.objects.select_related("organisation").order_by("organisation__name")
    signed = (
        Contract.objects.filter(segment__tender__in=tender_ids)
        .exclude(status=ContractStatus.PREPARED)
        .select_related("segment", "contractor", "consortium")
        .prefetch_related(
            "terms",
            Prefetch("consortium__consortium_members", members, to_attr="member_rows"),
            Prefetch("subcontractors", working.order_by("organisation__name", "start"), to_attr="hired"),
        )
        .order_by("number")
    )
    return [_fact(contract) for contract in signed]


def _fact(contract: Contract) -> ContractFact:
    end = last_day_of(contract)
    options = [term.end for term in terms_of(contract) if term.status != TermStatus.DECLINED]
    over = contract.status != ContractStatus.ACTIVE
    consortium = contract.consortium
    parties = [m.organisation for m in consortium.member_rows] if consortium else [contract.contractor]  # type: ignore[attr-defined]
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
