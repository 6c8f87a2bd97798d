"""Pages that belong to no app."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template import loader
from redis.exceptions import RedisError

from achterhoek.accounts.access import authenticated, public
from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import roles_of

# The first door of each role, in the order in which they go before one another.
FIRST_PAGES = (
    (Role.LEAD, "procurement:lead_home"),
    (Role.EVALUATOR, "procurement:evaluator_home"),
    (Role.OPENER, "procurement:vault_home"),
    (Role.COLLEGE, "procurement:college_home"),
    (Role.MANDATE, "procurement:signing_home"),
    (Role.COMPLAINTS, "procurement:complaints_home"),
    (Role.CLM, "admin:index"),
    (Role.AUDITOR, "audit:log"),
    (Role.ADMIN, "admin:index"),
)


@authenticated
def start(request: HttpRequest) -> HttpResponse:
    """After logging in: to the first page of the person's role; a provider goes to its own."""
    assert not isinstance(request.user, AnonymousUser)
    roles = roles_of(request.user)
    for role, page in FIRST_PAGES:
        if role in roles:
            return redirect(page)
    return redirect("providers:home")


@public
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement (Besluit digitale toegankelijkheid overheid)."""
    return render(request, "site/accessibility.html", {"contact_email": settings.DEFAULT_FROM_EMAIL})


@public
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether the process answers at all."""
    return HttpResponse("ok", content_type="text/plain")


@public
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether the portal can work: database, its migrations, and Valkey. 503 with the cause where not."""
    checks = {"database": _database_ready(), "cache": _cache_ready()}
    return JsonResponse(checks, status=200 if all(checks.values()) else 503)


def _database_ready() -> bool:
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return False


def _cache_ready() -> bool:
    try:
        cache.set("readyz", "1", timeout=10)
        return bool(cache.get("readyz") == "1")
    except (RedisError, OSError):
        return False


@public
def internal_error(request: HttpRequest) -> HttpResponse:
    """The page of an internal error: says the reference number that the log has too."""
    page = loader.get_template("500.html").render({"request": request})
    return HttpResponse(page, status=500)
