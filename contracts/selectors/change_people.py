"""Who is written to about a change of subcontractor."""

from __future__ import annotations

from collections.abc import Collection

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import RoleAssignment, User
from achterhoek.region.models import Municipality
from contracts.models import SubcontractorChange


def secretaries_of(municipalities: Collection[Municipality]) -> dict[int, list[User]]:
    """The college secretaries of each of these municipalities, also of one that has none; one query."""
    held = RoleAssignment.objects.filter(
        role=Role.COLLEGE, municipality__in=[place.pk for place in municipalities], user__is_active=True
    )
    found: dict[int, list[User]] = {place.pk: [] for place in municipalities}
    for row in held.select_related("user").order_by("user__pk"):
        assert row.municipality_id is not None  # a college secretary has a municipality
        found[row.municipality_id].append(row.user)
    return found


def contractor_addresses(change: SubcontractorChange) -> list[str]:
    """Where the contractor reads about its request: its own address, and that of who asked."""
    return list(dict.fromkeys([change.contract.contractor.email, change.requested_by.email]))
