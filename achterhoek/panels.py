"""Panels: how an app puts its own part on a page of a lower layer, without being imported by it.

The provider's home (`/mijn/`) belongs to `providers`; what it shows of submissions and contracts
belongs to `procurement` and `contracts`, which lie above it and register a panel from `ready()`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True)
class Panel:
    """A template and its context, which the template reads as `panel.<key>`; `order` places it on the page."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)
    order: int = 100


Maker = Callable[[HttpRequest], Panel | None]
_makers: dict[str, list[Maker]] = {}


def register(page: str, maker: Maker) -> None:
    """Add a panel to a page. The maker returns None where there is nothing to show."""
    makers = _makers.setdefault(page, [])
    if maker not in makers:
        makers.append(maker)


def panels_for(page: str, request: HttpRequest) -> list[Panel]:
    """The panels of a page for this request, in their order."""
    made = [maker(request) for maker in _makers.get(page, [])]
    return sorted((p for p in made if p is not None), key=lambda p: p.order)
