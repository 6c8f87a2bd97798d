"""Every address as every role and anonymously, against the table of who may. A new address fails until it is listed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from achterhoek.accounts.enums import Role
from achterhoek.middleware import is_guarded_elsewhere
from tests.architecture.access_table import ELSEWHERE, TABLE, Access
from tests.asking import Asking, refusals_made_once
from tests.factories import MunicipalityFactory, UserFactory, user_with

# The keys are made up: who may gets "not found", who may not is refused before that is known.
ANONYMOUS, NO_ROLE = "anonymous", "no role"
WHO = [ANONYMOUS, NO_ROLE, *Role.values]


def addresses(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for found in (resolver or get_resolver()).url_patterns:
        if isinstance(found, URLResolver):
            inner = f"{namespace}{found.namespace}:" if found.namespace else namespace
            yield from addresses(found, inner)
        else:
            yield f"{namespace}{found.name}", found


def ours() -> dict[str, URLPattern]:
    """The addresses of our own views, by name."""
    return {name: p for name, p in addresses() if not is_guarded_elsewhere(p.callback)}


def keys_of(pattern: URLPattern) -> dict[str, Any]:
    kinds = {"UUIDConverter": uuid.UUID(int=0), "IntConverter": 0}
    return {name: kinds.get(type(kind).__name__, "x") for name, kind in pattern.pattern.converters.items()}


def test_every_address_of_ours_is_in_the_table() -> None:
    assert ours().keys() == TABLE.keys()


def test_every_address_of_an_installed_part_is_known() -> None:
    others = {name.split(":")[0].split("_")[0] for name, p in addresses() if is_guarded_elsewhere(p.callback)}
    assert others <= ELSEWHERE


def test_what_the_view_says_is_what_the_table_says() -> None:
    """The declaration in the code, word for word; the walk below is what really happens."""
    said = {}
    for name, pattern in ours().items():
        access = pattern.callback.access  # type: ignore[attr-defined]
        said[name] = Access(
            everybody=access.public, logged_in=access.authenticated,
            roles=frozenset(map(str, access.roles)), look=frozenset(map(str, access.read)),
        )  # fmt: skip
    assert said == TABLE


@pytest.fixture
def clients() -> dict[str, Client]:
    made: dict[str, Client] = {ANONYMOUS: Asking(None), NO_ROLE: Asking(UserFactory())}
    for role in Role.values:
        municipality = MunicipalityFactory() if role == Role.COLLEGE else None
        made[role] = Asking(user_with(role, municipality=municipality))
    return made


def refused(response: Any, who: str) -> bool:
    if who == ANONYMOUS:
        return response.status_code == 302 and response["Location"].startswith(reverse("account_login"))
    return bool(response.status_code == 403)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
@refusals_made_once()
def test_walk_every_address_as_everybody(clients: dict[str, Client], method: str) -> None:
    wrong = []
    for name, pattern in ours().items():
        address = reverse(name, kwargs=keys_of(pattern))
        for who in WHO:
            response = getattr(clients[who], method)(address)
            expected = TABLE[name].permits(who, method)
            # An address that does not know the method says so to everybody; that tells nothing and does nothing.
            closed = refused(response, who) or (response.status_code == 405 and not expected)
            if closed is expected or response.status_code >= 500:
                wrong.append(f"{method} {name} as {who}: {response.status_code}, may: {expected}")
    assert not wrong


@pytest.mark.django_db
@pytest.mark.parametrize("who", WHO)
def test_the_admin_opens_for_its_roles_alone(clients: dict[str, Client], who: str) -> None:
    response = clients[who].get(reverse("admin:index"))
    opens = who in (Role.CLM, Role.ADMIN, Role.AUDITOR)
    assert (response.status_code == 200) is opens


@pytest.mark.django_db
def test_the_auditor_changes_nothing_in_the_admin(clients: dict[str, Client]) -> None:
    offered = []
    for name, pattern in addresses():
        if name.startswith("admin:") and name.endswith("_add") and not pattern.pattern.converters:
            response = clients[Role.AUDITOR].get(reverse(name))
            if response.status_code == 200:
                offered.append(name)
    assert not offered


def test_a_view_that_says_nothing_is_refused(client: Client, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.architecture.silent_urls"
    assert client.get("/zwijgt/").status_code == 403
