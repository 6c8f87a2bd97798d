"""What the page frame needs on every page: names, the menu of the reader's roles, and the footer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_urlconf, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import roles_of


@dataclass(frozen=True, slots=True)
class NavItem:
    """A link of a menu; `current` is the value of `aria-current`: page, true (a page below it), or nothing."""

    label: str
    url: str
    current: str = ""


PUBLIC_NAV = (
    (gettext_lazy("Tenders"), "procurement:tender_list"),
    (gettext_lazy("Register"), "contracts:register"),
)
# Each role's own door, in the order of a tender's life.
ROLE_NAV = (
    ("provider", gettext_lazy("My organisation"), "providers:home"),
    ("lead", gettext_lazy("Procurement"), "procurement:lead_home"),
    ("opener", gettext_lazy("Vault"), "procurement:vault_home"),
    ("evaluator", gettext_lazy("Evaluate"), "procurement:evaluator_home"),
    ("college", gettext_lazy("College decisions"), "procurement:college_home"),
    ("mandate", gettext_lazy("Signing"), "procurement:signing_home"),
    ("complaints", gettext_lazy("Complaints"), "procurement:complaints_home"),
    ("clm", gettext_lazy("Contract management"), "admin:index"),
    ("auditor", gettext_lazy("Oversight"), "audit:log"),
    ("admin", gettext_lazy("Administration"), "admin:index"),
)
FOOTER = (
    (gettext_lazy("Tenders"), "procurement:tender_list"),
    (gettext_lazy("Register of contracted providers"), "contracts:register"),
    (gettext_lazy("Open data"), "procurement:ocds"),
    (gettext_lazy("Check a receipt"), "procurement:verify"),
    (gettext_lazy("Accessibility"), "accessibility"),
)
ACCOUNT = (
    (gettext_lazy("Change password"), "account_change_password"),
    (gettext_lazy("Two-step login"), "mfa_index"),
)


def _url(name: str) -> str:
    return _url_in(get_urlconf() or settings.ROOT_URLCONF, name)


@cache
def _url_in(urlconf: str, name: str) -> str:
    """Addresses without anything in them stay the same: worked out once."""
    try:
        return reverse(name, urlconf)
    except NoReverseMatch:
        return ""


def _items(entries: list[tuple[Any, str]], path: str) -> list[NavItem]:
    """Links in order, each address once; the longest address that leads to this page is the current one."""
    found = {url: str(label) for label, name in reversed(entries) if (url := _url(name))}
    above = [url for url in found if url != "/" and path.startswith(url)]
    nearest = max(above, key=len, default="")
    items = []
    for url in reversed(list(found)):
        state = "page" if url == path else "true" if url == nearest else ""
        items.append(NavItem(found[url], url, state))
    return items


def _navigation(request: HttpRequest) -> list[NavItem]:
    roles = _roles(request)
    own = [(label, name) for role, label, name in ROLE_NAV if role in roles]
    return _items([*PUBLIC_NAV, *own], request.path)


def _roles(request: HttpRequest) -> frozenset[str]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return frozenset()
    return frozenset(str(role) for role in roles_of(user))


def _role_labels(request: HttpRequest) -> list[str]:
    return [str(Role(role).label) for role in sorted(_roles(request))]


def _user_label(request: HttpRequest) -> str:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return ""
    return str(user.get_full_name() or user.email)


def footer_items() -> list[NavItem]:
    """The links at the foot of every page: the same for everybody."""
    return _items(list(FOOTER), "")


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor; what costs a query is worked out only where a template asks for it."""
    return {
        "portal_name": getattr(settings, "PORTAL_NAME", _("Care procurement")),
        "portal_region": getattr(settings, "PORTAL_REGION", ""),
        "portal_description": _("How the municipalities of this region buy youth care and social support together."),
        "home_url": _url("home") or "/",
        "login_url": _url("account_login"),
        "logout_url": _url("account_logout"),
        "language_url": _url("set_language"),
        "nav_items": SimpleLazyObject(lambda: _navigation(request)),
        "account_items": SimpleLazyObject(lambda: _items(list(ACCOUNT), "")),
        "user_label": SimpleLazyObject(lambda: _user_label(request)),
        "role_labels": SimpleLazyObject(lambda: _role_labels(request)),
    }
