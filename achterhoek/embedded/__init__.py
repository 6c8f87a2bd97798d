"""PostgreSQL and Valkey out of wheels, for the demo and the tests.

They start by themselves where ``DATABASE_URL`` / ``REDIS_URL`` are not set, listen on Unix sockets only
(so that two checkouts never meet), keep their data under ``var/`` and outlive the process that started
them; ``python -m achterhoek.embedded stop`` ends them. Nothing here imports Django.
"""

from __future__ import annotations

import os
from urllib.parse import quote

from achterhoek.embedded.errors import EmbeddedError
from achterhoek.embedded.places import DATABASE, ROLE, Places, locate

__all__ = [
    "EmbeddedError",
    "celery_url",
    "database_url",
    "ensure_for_settings",
    "ensure_running",
    "redis_url",
    "running",
    "stop",
]


def database_url(places: Places | None = None) -> str:
    """Where the embedded PostgreSQL answers, as libpq and django-environ both read it. Starts nothing."""
    places = places or locate()
    return f"postgres://{ROLE}@/{DATABASE}?host={quote(str(places.sockets), safe='/')}"


def redis_url(number: int = 0, places: Places | None = None) -> str:
    """Where the embedded Valkey answers, for redis-py and Django's cache. Starts nothing."""
    places = places or locate()
    return f"unix://{quote(str(places.valkey_socket), safe='/')}?db={number}"


def celery_url(number: int = 1, places: Places | None = None) -> str:
    """The same Valkey in the form Celery wants, with a number of its own beside the cache. Starts nothing."""
    places = places or locate()
    return f"redis+socket://{places.valkey_socket}?virtual_host={number}"


def ensure_running(postgres: bool = True, valkey: bool = True, places: Places | None = None) -> None:
    """Start what does not run yet; safe to call from many processes at once, and cheap when all runs."""
    from achterhoek.embedded import cluster

    cluster.ensure_running(places or locate(), postgres=postgres, valkey=valkey)


def ensure_for_settings() -> None:
    """Start what the settings will use: not what the environment names elsewhere, nothing in production."""
    if os.environ.get("DJANGO_SETTINGS_MODULE", "").endswith(".production"):
        return
    postgres, valkey = not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL")
    if postgres or valkey:
        ensure_running(postgres=postgres, valkey=valkey)


def running(places: Places | None = None) -> dict[str, bool]:
    """Which of the two answers now."""
    from achterhoek.embedded import cluster

    return cluster.running(places or locate())


def stop(places: Places | None = None) -> None:
    """Stop both, cleanly; quiet where they do not run."""
    from achterhoek.embedded import cluster

    cluster.stop(places or locate())
