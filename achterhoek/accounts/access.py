"""Deny by default: every view states who may, with `allow`; a view that does not is refused to all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from achterhoek.accounts.roles import has_role

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Access:
    """Who may use a view. `roles` may do all of it, `read` may only look (the auditor)."""

    public: bool = False
    authenticated: bool = False
    roles: frozenset[str] = frozenset()
    read: frozenset[str] = frozenset()

    def permits(self, user: Any, method: str) -> bool:
        if self.public:
            return True
        if not user.is_authenticated:
            return False
        if self.authenticated or has_role(user, *self.roles):
            return True
        return method in SAFE_METHODS and has_role(user, *self.read)


def _declare(access: Access) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if access.permits(request.user, request.method or "GET"):
                return view(request, *args, **kwargs)
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            raise PermissionDenied

        guarded.access = access  # type: ignore[attr-defined]
        return guarded

    return decorate


def allow(*roles: str, read: tuple[str, ...] = ()) -> Callable[[View], View]:
    """Only these roles; those in `read` with GET alone. The object itself is checked by `visible_to`."""
    if not roles and not read:
        raise ValueError("name at least one role, or use `public` or `authenticated`")
    return _declare(Access(roles=frozenset(roles), read=frozenset(read)))


def public(view: View) -> View:
    """Everybody, without an account."""
    return _declare(Access(public=True))(view)


def authenticated(view: View) -> View:
    """Everybody who is logged in; the view itself decides what they see."""
    return _declare(Access(authenticated=True))(view)
