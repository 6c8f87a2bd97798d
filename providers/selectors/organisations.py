"""Questions about organisations and their people."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from achterhoek.accounts.models import User
from providers.models import Membership, Organisation


def organisations_of(user: Any) -> QuerySet[Organisation]:
    """The organisations this person works for."""
    return Organisation.objects.filter(memberships__user=user).order_by("name")


def signatories_of(organisation: Organisation) -> list[User]:
    """The people who may sign for the organisation."""
    signing = organisation.memberships.filter(is_signatory=True)
    return [membership.user for membership in signing.select_related("user").order_by("user__name")]


def members_of(organisation: Organisation) -> QuerySet[Membership]:
    """The people of an organisation, signatories first."""
    return organisation.memberships.select_related("user").order_by("-is_signatory", "user__name")


def find_by_kvk(kvk_number: str) -> Organisation | None:
    """The organisation with this KvK number."""
    return Organisation.objects.filter(kvk_number=kvk_number).first()


def visible_organisations(user: Any) -> QuerySet[Organisation]:
    """The organisations this user may look at."""
    return Organisation.objects.visible_to(user)
