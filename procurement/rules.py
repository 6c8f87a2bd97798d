"""Who works on a tender: tiny questions, asked by services and pages alike."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import in_regions_of, region_ids_of
from achterhoek.errors import NotAllowed
from procurement.models import Tender

# Who sees all of a region's tenders: one works on them, the other only looks.
OVERSEERS = (Role.LEAD, Role.AUDITOR)


def overseen(user: Any, *, region: str) -> Q:
    """A filter that keeps what lies in the regions this user oversees; `region` is the field that holds it."""
    return in_regions_of(user, *OVERSEERS, field=region)


def works_for_region(user: Any, tender: Tender, *roles: str) -> bool:
    """Whether the user holds one of these roles in the region of this tender."""
    regions = region_ids_of(user, *roles)
    return regions is None or tender.region_id in regions


def require_role(user: Any, tender: Tender, *roles: str) -> None:
    """Raises `NotAllowed` where the user holds none of these roles in the region of this tender."""
    if not works_for_region(user, tender, *roles):
        raise NotAllowed(_("Your role may not take this step."))


def is_lead(user: Any, tender: Tender) -> bool:
    """Whether this user works on the tender as its procurement lead, and does not only look."""
    return works_for_region(user, tender, Role.LEAD)


def require_lead(user: Any, tender: Tender) -> None:
    """Only the procurement lead of this region works on its tenders. Raises `NotAllowed`."""
    if not is_lead(user, tender):
        raise NotAllowed(_("Only the procurement lead of this region may do this."))
