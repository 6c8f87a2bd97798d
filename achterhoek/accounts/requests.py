"""The request as a view behind `allow` or `authenticated` gets it."""

from __future__ import annotations

from django.http import HttpRequest

from achterhoek.accounts.models import User


class UserRequest(HttpRequest):
    """A request of somebody who is logged in: the access rule has seen to that before the view begins."""

    user: User
