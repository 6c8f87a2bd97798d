"""A visit to a page: who comes, where it lies, and what is typed in so that it is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from achterhoek.accounts.models import User
from tests.e2e.looking import go

VISITOR = ""
Deed = Callable[[Page], None]


@dataclass(frozen=True)
class Visit:
    """A page, seen by an account of the demo; `spoil` sends its form in so that it is refused."""

    who: str
    name: str
    path: str
    spoil: Deed | None = None


def press(name: str) -> Deed:
    def deed(page: Page) -> None:
        go(page.get_by_role("main").get_by_role("button", name=name, exact=True).first)

    return deed


def typed(field: str, value: str, button: str) -> Deed:
    """Type something that cannot be in the first field of this kind, and send the form in."""

    def deed(page: Page) -> None:
        page.get_by_role("main").locator(field).first.fill(value)
        press(button)(page)

    return deed


def newest(model: Any, **facts: Any) -> Any:
    """The newest row of which these facts hold; the demo must have one."""
    found = model.objects.filter(**facts).order_by("-pk").first()
    assert found is not None, f"the demo has no {model.__name__} with {facts}"
    return found


def member(organisation: Any) -> str:
    user = User.objects.filter(memberships__organisation=organisation, email__endswith="@demo.example").first()
    assert user is not None
    return str(user.email)
