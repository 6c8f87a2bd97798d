"""How a tender's dossier tells of what lies in an app above, such as contracts: that app registers its chapter from
`ready()`, and nothing of it is imported here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from achterhoek.accounts.models import User
from procurement.models import Tender
from procurement.services.dossier_parts import Chapter, Found

Maker = Callable[[User, Tender], Found]
_makers: list[Maker] = []


def register_chapter(maker: Maker) -> None:
    """Add a chapter: what this user may read of it, for this tender."""
    if maker not in _makers:
        _makers.append(maker)


def chapters_from_above(user: User, tender: Tender) -> Iterator[Chapter]:
    """The chapters of the apps above, each read when its turn comes."""
    for maker in _makers:
        yield partial(maker, user, tender)
