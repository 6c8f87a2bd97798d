"""Questions about organisations and their people."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from achterhoek.accounts.models import User
from achterhoek.prepared import Prepared
from providers.models import Membership, Organisation


def organisations_of(user: Any) -> QuerySet[Organisation]:
    """The organisations this person works for."""
    return Organisation.objects.filter(memberships__user=user).order_by("name")


_signing = Prepared(
    lambda organisation: (
        Membership.objects.filter(organisation=organisation, is_signatory=True)
        .select_related("user")
        .order_by("user__name")
    ),
    int,
)


def signatories_of(organisation: Organisation) -> list[User]:
    """The people who may sign for the organisation."""
    return [membership.user for membership in _signing(organisation.pk)]


def members_of(organisation: Organisation) -> QuerySet[Membership]:
    """The people of an organisation, signatories first."""
    return organisation.memberships.select_related("user").order_by("-is_signatory", "user__name")


def find_by_kvk(kvk_number: str) -> Organisation | None:
    """The organisation with this KvK number."""
    return Organisation.objects.filter(kvk_number=kvk_number).first()


def visible_organisations(user: Any) -> QuerySet[Organisation]:
    """The organisations this user may look at."""
    return Organisation.objects.visible_to(user)
