"""Who a contract is with on which day, and who works for it; evaluators declare about subcontractors of a bidder."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q

from achterhoek.clock import database_today
from contracts.enums import AmendmentKind, AmendmentStatus, MemberStep
from contracts.models import Amendment, Contract, ContractParty, Subcontractor
from providers.models import Organisation

_DAY = timedelta(days=1)


def last_parties(contract: Contract) -> list[ContractParty]:
    """Who is in the contract after all that was agreed until now, the lead first."""
    return list(
        contract.parties.filter(end__isnull=True)
        .select_related("organisation")
        .order_by("-is_lead", "organisation__name")
    )


def parties_ahead(contract: Contract, day: date) -> list[ContractParty]:
    """Who is in the contract on this day or will be, with what share; of one that is over whoever was in it last."""
    rows = list(contract.parties.select_related("organisation").order_by("start", "-is_lead", "organisation__name"))
    last = max((row.end for row in rows if row.end is not None), default=day)
    return [row for row in rows if row.end is None or row.end >= day] or [row for row in rows if row.end == last]


def parties_after(amendment: Amendment) -> list[ContractParty]:
    """Who is in the consortium once this amendment holds, with what share, the lead first; nothing is saved.

    Of one in force as it was on its first day, of a draft as the parties stand now. One that was dropped, and one that
    is not about members, says nothing of it.
    """
    if amendment.kind != AmendmentKind.PARTIES or amendment.status == AmendmentStatus.DROPPED:
        return []
    contract, day = amendment.contract, amendment.effective_on
    if amendment.status == AmendmentStatus.SIGNED:
        rows = contract.parties.filter(Q(end__isnull=True) | Q(end__gte=day), start__lte=day)
        return list(rows.select_related("organisation").order_by("-is_lead", "organisation__name"))
    found = {row.organisation_id: row for row in last_parties(contract)}
    for line in amendment.members.select_related("organisation"):
        if line.step == MemberStep.LEAVE:
            found.pop(line.organisation_id, None)
            continue
        row = found.setdefault(
            line.organisation_id, ContractParty(contract=contract, organisation=line.organisation, start=day)
        )
        row.share = line.share
    return sorted(found.values(), key=lambda row: (not row.is_lead, row.organisation.name))


def led_on(user: Any, moment: str) -> Exists:
    """For rows of a contract: whether an organisation of this user had the contract on the day of that moment. What
    was made before the contract began is of who began it."""
    mine = ContractParty.objects.filter(
        contract=OuterRef("contract"), is_lead=True, organisation__memberships__user=user
    )
    day = OuterRef(f"{moment}__date")
    began = Q(start__lte=day) | Q(start=OuterRef("contract__start"))
    return Exists(mine.filter(began, Q(end__isnull=True) | Q(end__gte=day)))


def changes_from(contract: Contract, day: date) -> bool:
    """Whether somebody begins, or is gone, on this day or later."""
    return contract.parties.filter(Q(start__gte=day) | Q(end__gte=day - _DAY)).exists()


def is_party_from(contract: Contract, organisation: Organisation, day: date) -> bool:
    """Whether this organisation is a party on this day or later."""
    return contract.parties.filter(Q(end__isnull=True) | Q(end__gte=day), organisation=organisation).exists()


def subcontractors_of(organisation_ids: Collection[int]) -> dict[int, list[Organisation]]:
    """The subcontractors of each contractor that work today or will; one query."""
    rows = Subcontractor.objects.filter(contract__contractor__in=organisation_ids)
    found: dict[int, list[Organisation]] = defaultdict(list)
    now = rows.filter(Q(end__isnull=True) | Q(end__gte=database_today()))
    for row in now.select_related("organisation", "contract"):
        found[row.contract.contractor_id].append(row.organisation)
    return found
