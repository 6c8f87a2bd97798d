"""Writers of who takes a contract over: the old contractor ends, the new one begins on the next day (Aw 2.163f)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import structlog
from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_today
from contracts.enums import ContractStatus
from contracts.models import Amendment, Contract, ContractParty
from contracts.services.register import publish_version
from contracts.services.texts import in_dutch

logger = structlog.get_logger(__name__)
_DAY = timedelta(days=1)


def replace_contractor(amendment: Amendment, *, by: User) -> None:
    """Within the transaction that signs the amendment: the parties follow, and the register on that day.

    Who speaks for the contract in the portal follows on the day itself: today, or by the clock later.
    """
    contract, on, successor = amendment.contract, amendment.effective_on, amendment.successor
    assert successor is not None  # the database holds it
    running = contract.parties.filter(end__isnull=True)
    # The service of amendments has seen that nothing changes on that day or later.
    old = running.select_related("organisation").get(is_lead=True)
    member = running.filter(organisation=successor).first()
    # A member that takes over keeps its own share too; of those that have one it stays a hundred percent together.
    given = [row.share for row in (old, member) if row is not None and row.share is not None]
    share = sum(given, Decimal(0)) if given else None
    ended = [row.pk for row in (old, member) if row is not None]
    contract.parties.filter(pk__in=ended).update(end=on - _DAY)
    ContractParty.objects.create(contract=contract, organisation=successor, is_lead=True, share=share, start=on)
    with in_dutch():
        note = _("Contract %(number)s goes from %(old)s to %(new)s.") % {
            "number": contract.number, "old": old.organisation.name, "new": successor.name,
        }  # fmt: skip
    publish_version(note=note, by=by, on=max(on, database_today()))
    if on <= database_today():
        _follow(contract, by)


def follow_contractors() -> int:
    """Let each contract follow the lead of its parties today; how many changed. May run twice without harm."""
    today = database_today()
    lead = ContractParty.objects.filter(
        Q(end__isnull=True) | Q(end__gte=today), contract=OuterRef("pk"), is_lead=True, start__lte=today
    )
    running = Contract.objects.filter(status=ContractStatus.ACTIVE)
    due = running.annotate(lead=Subquery(lead.values("organisation")[:1])).filter(lead__isnull=False)
    return sum(_followed(pk) for pk in due.exclude(lead=F("contractor")).values_list("pk", flat=True))


@transaction.atomic
def _followed(pk: int) -> bool:
    return _follow(Contract.objects.select_for_update(of=("self",)).get(pk=pk), None)


def _follow(contract: Contract, by: User | None) -> bool:
    today = database_today()
    rows = contract.parties.filter(Q(end__isnull=True) | Q(end__gte=today), is_lead=True, start__lte=today)
    lead = rows.select_related("organisation").first()
    if lead is None or lead.organisation_id == contract.contractor_id:
        return False
    before = contract.contractor
    contract.contractor = lead.organisation
    contract.save(update_fields=["contractor"])
    detail = {"from": before.kvk_number, "to": lead.organisation.kvk_number}
    record("contracts.contract.replace", by=by, target=contract, detail=detail)
    logger.info("contract taken over", contract=contract.number)
    return True
