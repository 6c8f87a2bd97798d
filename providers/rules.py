"""What people may do with an organisation."""

from __future__ import annotations

from typing import Any

import rules

from achterhoek.accounts.roles import is_admin, is_provider
from achterhoek.prepared import Prepared
from providers.models import Membership, Organisation

_signs = Prepared(
    lambda user, organisation: Membership.objects.filter(
        user=user, organisation=organisation, is_signatory=True
    ).values_list("pk"),
    int,
    int,
)


@rules.predicate  # type: ignore[attr-defined, untyped-decorator]
def is_signatory(user: Any, organisation: Organisation) -> bool:
    """Whether this person may sign for the organisation."""
    return bool(user.is_authenticated) and bool(_signs(user.pk, organisation.pk))


may_change_organisation = is_provider & is_signatory
may_add_people = is_admin | may_change_organisation
