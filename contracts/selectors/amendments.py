"""Amendments of a contract, and the meter of what changed on the ground of small changes."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db.models import QuerySet

from achterhoek.accounts.enums import Role
from contracts.domain.amendments import Meter, meter
from contracts.enums import AmendmentStatus, LegalGround
from contracts.models import Amendment, Contract
from procurement.rules import works_for_region


def amendments_of(user: Any, contract: Contract) -> QuerySet[Amendment]:
    """The amendments of a contract that this user sees: the contractor those in force, officials all."""
    found = Amendment.objects.filter(contract=contract).select_related("successor", "file", "made_by")
    if works_for_region(user, contract.segment.tender, Role.CLM, Role.LEAD, Role.AUDITOR):
        return found.order_by("sequence")
    return found.filter(status=AmendmentStatus.SIGNED).order_by("sequence")


def meter_of(contract: Contract) -> Meter | None:
    """The meter of small changes in force (Aw 2.163b); None where the value at the start is not known."""
    if not contract.initial_value:
        return None
    small = contract.amendments.filter(ground=LegalGround.DE_MINIMIS, status=AmendmentStatus.SIGNED)
    return meter(contract.initial_value, small.values_list("value_change", flat=True))


def text_digest(amendment: Amendment) -> str:
    """What tells one text of a draft from another: both sides sign the one that was read."""
    said = (
        amendment.kind, amendment.ground, amendment.title, amendment.description, amendment.reason,
        amendment.effective_on.isoformat(), f"{amendment.value_change:.2f}", str(amendment.year),
        "" if amendment.percentage is None else f"{amendment.percentage:.3f}", str(amendment.successor_id),
    )  # fmt: skip
    return hashlib.sha256("\0".join(said).encode()).hexdigest()
