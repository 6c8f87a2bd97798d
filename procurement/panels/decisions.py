"""On the provider's home: the letters to its organisations."""

from __future__ import annotations

from django.http import HttpRequest

from achterhoek.panels import Panel, register
from procurement.selectors.decisions import letters_of_user


def provider_letters(request: HttpRequest) -> Panel | None:
    """One query, however many letters there are; nothing where there are none."""
    letters = letters_of_user(request.user)
    if not letters:
        return None
    return Panel("procurement/letter/panel.html", {"letters": letters}, order=30)


register("provider_home", provider_letters)
