"""What people may do with an organisation."""

from __future__ import annotations

from typing import Any

from providers.models import Membership, Organisation


def is_member(user: Any, organisation: Organisation) -> bool:
    """Whether this person works for the organisation here."""
    return bool(user.is_authenticated) and Membership.objects.filter(user=user, organisation=organisation).exists()


def is_signatory(user: Any, organisation: Organisation) -> bool:
    """Whether this person may sign for the organisation."""
    return (
        bool(user.is_authenticated)
        and Membership.objects.filter(user=user, organisation=organisation, is_signatory=True).exists()
    )
