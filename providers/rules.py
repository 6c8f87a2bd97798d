"""What people may do with an organisation."""

from __future__ import annotations

from typing import Any

import rules

from achterhoek.accounts.roles import is_admin, is_provider
from providers.models import Membership, Organisation


@rules.predicate  # type: ignore[attr-defined, untyped-decorator]
def is_signatory(user: Any, organisation: Organisation) -> bool:
    """Whether this person may sign for the organisation."""
    return (
        bool(user.is_authenticated)
        and Membership.objects.filter(user=user, organisation=organisation, is_signatory=True).exists()
    )


may_change_organisation = is_provider & is_signatory
may_add_people = is_admin | may_change_organisation
