"""Who may not log in, whatever the password."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from achterhoek.accounts.models import User


class NoDemoAccounts:
    """Refuses the demo's accounts where this is no demo: their one password is known to everybody.

    Stands before all other backends; its refusal ends the attempt. It knows no users itself, so it is no
    `BaseBackend`: a session never belongs to it.
    """

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        name = credentials.get("email") or credentials.get("username")
        if name and not settings.DEMO and User.objects.filter(email__iexact=name, is_demo=True).exists():
            raise PermissionDenied
