"""What a contract says: the answers of its bid, its promises, and the contract as it stood on any day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from achterhoek.accounts.enums import Role
from contracts.enums import AmendmentStatus, ContractStatus, TermStatus
from contracts.models import Amendment, Contract, ContractMunicipality, ContractParty, ContractTerm, Subcontractor
from procurement.models import Criterion
from procurement.rules import works_for_region
from procurement.selectors.answers import answers_by_criterion


@dataclass(frozen=True, slots=True)
class BidAnswer:
    """An answer in words of the winning bid, with where it stands."""

    code: str
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A contract as it stood on one day."""

    on: date
    in_force: bool
    parties: list[ContractParty]
    # All that ever were, in the order of their days.
    all_parties: list[ContractParty]
    places: list[ContractMunicipality]
    terms: list[ContractTerm]
    subcontractors: list[Subcontractor]
    amendments: list[Amendment]
    value: Decimal | None


def bid_answers(user: Any, contract: Contract) -> list[BidAnswer]:
    """What the winning bid answered in words, as far as the gate of answers lets this user read it."""
    if contract.award is None:
        return []
    entry, segment_round = contract.award.entry, contract.award.decision.segment_round
    serving, others = answers_by_criterion(user, entry, segment_round)
    names = dict(Criterion.objects.filter(segment_round=segment_round).values_list("code", "title"))
    found = []
    for criterion, rows in [*serving.items(), ("", others)]:
        about = f"{criterion} {names.get(criterion, '')}".strip()
        for row in rows:
            if row.answer is not None and row.answer.text.strip():
                source = ", ".join(part for part in (about, f"{row.code} {row.title}") if part)
                found.append(BidAnswer(row.code, source[:300], row.answer.text))
    return found


def may_prepare(user: Any, contract: Contract) -> bool:
    """Whether this user works on the text of the contract, which nobody has signed yet."""
    works = works_for_region(user, contract.segment.tender, Role.CLM, Role.LEAD)
    return works and contract.status == ContractStatus.PREPARED and not contract.signatures.exists()


def may_fill_value(user: Any, contract: Contract) -> bool:
    """Whether this user fills in the value at the start of a contract in force of which it is not known."""
    missing = contract.status == ContractStatus.ACTIVE and contract.initial_value is None
    return missing and works_for_region(user, contract.segment.tender, Role.CLM)


def may_promise(user: Any, contract: Contract) -> bool:
    """Whether this user takes promises over from the bid."""
    in_force = contract.status == ContractStatus.ACTIVE and works_for_region(user, contract.segment.tender, Role.CLM)
    return in_force or may_prepare(user, contract)


def standing_on(contract: Contract, day: date) -> Standing:
    """The contract as it stood on a day: parties, municipalities, terms, subcontractors, amendments and value."""

    def holding(rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(Q(end__isnull=True) | Q(end__gte=day), start__lte=day)

    signed = contract.amendments.filter(status=AmendmentStatus.SIGNED, effective_on__lte=day)
    change = signed.aggregate(sum=Sum("value_change"))["sum"] or Decimal(0)
    # An option counts from the day on which it was taken.
    agreed = Q(status=TermStatus.COMMITTED) | Q(status=TermStatus.EXERCISED, decided_at__date__lte=day)
    terms = list(contract.terms.filter(agreed).order_by("sequence"))
    everybody = list(
        contract.parties.select_related("organisation").order_by("start", "-is_lead", "organisation__name")
    )
    return Standing(
        on=day,
        in_force=contract.signed_at is not None
        and timezone.localdate(contract.signed_at) <= day
        and any(term.start <= day <= term.end for term in terms)
        and (contract.terminated_on is None or day <= contract.terminated_on),
        parties=[row for row in everybody if row.start <= day and (row.end is None or day <= row.end)],
        all_parties=everybody,
        places=list(holding(contract.contract_municipalities.all()).select_related("municipality")),
        terms=terms,
        subcontractors=list(holding(contract.subcontractors.all()).select_related("organisation")),
        amendments=list(signed.order_by("sequence")),
        value=None if contract.initial_value is None else contract.initial_value + change,
    )
