"""Writers of people and roles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import RoleAssignment, User
from achterhoek.accounts.roles import forget_roles, has_role
from achterhoek.audit.services import record
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.region.models import Municipality, Region


@transaction.atomic
def grant_role(
    *,
    user: User,
    role: str,
    by: User | None,
    region: Region | None = None,
    municipality: Municipality | None = None,
) -> RoleAssignment:
    """Give a role. Only the functional administrator may; `by=None` is the system itself
    (a provider that registers its own organisation becomes its member).

    Nobody stands on both sides of a tender (Aw 1.10b): a provider's member gets no other role, nor the other
    way round. The person is locked, so that both do not happen at once. Raises `NotAllowed`.
    """
    if by is not None and not has_role(by, Role.ADMIN):
        raise NotAllowed(_("Only the functional administrator gives roles."))
    User.objects.select_for_update().get(pk=user.pk)
    if on_the_other_side(user, role):
        raise NotAllowed(_("Somebody who works for a provider cannot work for the municipalities here as well."))
    assignment, created = RoleAssignment.objects.get_or_create(
        user=user, role=role, region=region, municipality=municipality
    )
    if created:
        forget_roles(user)
        where = {"region": region and region.slug, "municipality": municipality and municipality.slug}
        detail = {"role": str(role), **{kind: slug for kind, slug in where.items() if slug}}
        record("accounts.role.granted", by=by, target=user, detail=detail)
    return assignment


def on_the_other_side(user: User, role: str) -> bool:
    """Whether this person has a role that does not go together with this one: provider and official."""
    held = RoleAssignment.objects.filter(user=user)
    same_side = held.filter(role=Role.PROVIDER) if role == Role.PROVIDER else held.exclude(role=Role.PROVIDER)
    return held.count() != same_side.count()


def leaves_no_administrator(assignments: Iterable[RoleAssignment]) -> bool:
    """Whether taking these roles away leaves nobody who can give roles."""
    going = {row.pk for row in assignments if row.role == Role.ADMIN}
    left = RoleAssignment.objects.filter(role=Role.ADMIN, user__is_active=True).exclude(pk__in=going)
    return bool(going) and not left.exists()


@transaction.atomic
def revoke_role(*, assignment: RoleAssignment, by: User) -> None:
    """Take a role away. The last functional administrator keeps theirs: nobody else could give it back.

    Raises `NotAllowed`, `RuleViolation`.
    """
    if not has_role(by, Role.ADMIN):
        raise NotAllowed(_("Only the functional administrator takes roles away."))
    list(RoleAssignment.objects.select_for_update().filter(role=Role.ADMIN))  # two leaving at once wait for each other
    if leaves_no_administrator([assignment]):
        raise RuleViolation(_("This is the last functional administrator. Give the role to somebody else first."))
    user, role = assignment.user, assignment.role
    assignment.delete()
    forget_roles(user)
    record("accounts.role.revoked", by=by, target=user, detail={"role": role})


@transaction.atomic
def create_account(*, user: User, by: Any, changed: list[str] | None = None) -> User:
    """Make or change a person (functional administrator). A new one has no password yet.

    Raises `NotAllowed`.
    """
    if not has_role(by, Role.ADMIN):
        raise NotAllowed(_("Only the functional administrator makes accounts."))
    if changed is None:
        user.email = user.email.lower()
        user.set_unusable_password()
    user.save()
    record("accounts.user.saved", by=by, target=user, detail={"changed": changed or ["new"]})
    return user
