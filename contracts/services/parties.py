"""Writers of who a contract is with, for which municipalities, and how it is paid for."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from contracts.models import Contract, ContractFunding, ContractMunicipality, ContractParty
from procurement.enums import FundingModel
from procurement.models import Participation


def open_contract(contract: Contract) -> None:
    """What a contract begins with: its parties, the municipalities that take part, and the funding of its segment."""
    open_contracts([contract])


@transaction.atomic
def open_contracts(contracts: Iterable[Contract]) -> None:
    """The same for many at once, in a fixed number of writes.

    With a consortium its members are the parties, its lead (penvoerder) one of them (Aw 2.52); shares are not known
    yet. Funding sits on the subsegment where there is one (002_6dfa1213d0e534a1.txt).
    """
    parties, places, fundings = [], [], []
    taking_part: dict[int, list[int]] = {}
    for contract in contracts:
        parties += _parties(contract)
        if contract.segment_id not in taking_part:
            rows = Participation.objects.filter(segment=contract.segment_id, participates=True)
            taking_part[contract.segment_id] = list(rows.values_list("municipality", flat=True))
        places += [
            ContractMunicipality(contract=contract, municipality_id=pk, start=contract.start)
            for pk in taking_part[contract.segment_id]
        ]
        fundings += _fundings(contract)
    ContractParty.objects.bulk_create(parties)
    ContractMunicipality.objects.bulk_create(places)
    ContractFunding.objects.bulk_create(fundings)


def _parties(contract: Contract) -> list[ContractParty]:
    members = {contract.contractor_id}
    if contract.consortium is not None:
        members |= set(contract.consortium.members.values_list("pk", flat=True))
    return [
        ContractParty(
            contract=contract,
            organisation_id=pk,
            is_lead=pk == contract.contractor_id,
            share=100 if len(members) == 1 else None,
            start=contract.start,
        )
        for pk in sorted(members)
    ]


def _fundings(contract: Contract) -> list[ContractFunding]:
    known = [part for part in contract.subsegments.all() if part.funding != FundingModel.UNKNOWN]
    found = [
        ContractFunding(
            contract=contract,
            subsegment=part,
            model=part.funding,
            provisional=part.funding_provisional,
            note=part.funding_note[:300],
        )
        for part in known
    ]
    segment = contract.segment
    if not found and segment.funding != FundingModel.UNKNOWN:
        found.append(
            ContractFunding(
                contract=contract,
                model=segment.funding,
                provisional=segment.funding_provisional,
                note=segment.funding_note[:300],
            )
        )
    return found
