"""Who has which role: the questions that views, services and rules ask."""

from __future__ import annotations

from typing import Any

import rules
from django.db.models import Q

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import RoleAssignment
from achterhoek.prepared import Prepared

__all__ = ["has_role", "in_regions_of", "municipality_ids_of", "region_ids_of", "roles_of"]


_assigned = Prepared(
    lambda user: RoleAssignment.objects.filter(user=user).values_list("role", "region_id", "municipality_id"), int
)


def _assignments(user: Any) -> list[tuple[str, int | None, int | None]]:
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return []
    cached = getattr(user, "_role_rows", None)
    if cached is None:
        cached = _assigned(user.pk)
        user._role_rows = cached
    return list(cached)


def forget_roles(user: Any) -> None:
    """Read the roles anew at the next question (after a grant in the same request)."""
    user.__dict__.pop("_role_rows", None)


def roles_of(user: Any) -> frozenset[str]:
    """All roles of this user; none for an anonymous or an inactive one. One query a request."""
    return frozenset(role for role, _, _ in _assignments(user))


def has_role(user: Any, *roles: str) -> bool:
    """Whether the user holds at least one of these roles."""
    return not roles_of(user).isdisjoint(roles)


def region_ids_of(user: Any, *roles: str) -> set[int] | None:
    """Regions in which the user holds one of these roles; None means all regions."""
    ids: set[int] = set()
    for role, region_id, _ in _assignments(user):
        if role in roles:
            if region_id is None:
                return None
            ids.add(region_id)
    return ids


def municipality_ids_of(user: Any) -> set[int]:
    """Municipalities whose college this user is secretary of."""
    return {m for role, _, m in _assignments(user) if role == Role.COLLEGE and m is not None}


def in_regions_of(user: Any, *roles: str, field: str) -> Q:
    """A filter on `field` (a region id) that keeps what the user may see through these roles."""
    ids = region_ids_of(user, *roles)
    if ids is None:
        # Not an empty Q: `x | Q()` is x, so that "all regions" would add nothing.
        return Q(**{f"{field}__isnull": False})
    return Q(**{f"{field}__in": ids})


def _predicate(role: str) -> Any:
    def is_role(user: Any) -> bool:
        return has_role(user, role)

    return rules.predicate(is_role, name=f"is_{role}")  # type: ignore[attr-defined, no-untyped-call]


is_provider = _predicate(Role.PROVIDER)
is_admin = _predicate(Role.ADMIN)
