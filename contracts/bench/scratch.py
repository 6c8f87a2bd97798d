"""A database of one's own on the same server, made for a measurement and dropped after it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections
from psycopg import sql

from achterhoek.embedded.prepare import collect_static

SERVER = ("host", "port", "user", "password")
# What a new database begins as. The tests have one with the tables in it, which the migrations then need not make.
NOTHING = PORTAL = "template1"


@contextmanager
def scratch_database() -> Iterator[psycopg.Connection[Any]]:
    """A connection to an empty database; nothing of the portal's own data is read or written."""
    with _made(NOTHING) as name, psycopg.connect(**_server(), dbname=name, autocommit=True) as own:
        yield own


@contextmanager
def scratch_portal() -> Iterator[None]:
    """All of the portal's tables, empty, in a database that the portal uses as long as this lasts; and its styles."""
    # Here, since a new process that makes letters imports this module before Django is set up.
    from django.contrib.contenttypes.models import ContentType

    portals = connections[DEFAULT_DB_ALIAS]
    with _made(PORTAL) as name:
        own = connections.create_connection(DEFAULT_DB_ALIAS)
        own.settings_dict = {**portals.settings_dict, "NAME": name}
        connections[DEFAULT_DB_ALIAS] = own
        try:
            ContentType.objects.clear_cache()
            collect_static()
            call_command("migrate", verbosity=0, interactive=False)
            yield
        finally:
            own.close()
            connections[DEFAULT_DB_ALIAS] = portals
            ContentType.objects.clear_cache()


def address() -> str:
    """Where another process finds the database that the portal uses now."""
    given = connection.get_connection_params()
    parts = {key: str(given[key]) for key in (*SERVER, "dbname") if given.get(key)}
    user, name = parts.pop("user", ""), parts.pop("dbname")
    return f"postgres://{quote(user)}@/{name}?{urlencode(parts)}"


@contextmanager
def _made(template: str) -> Iterator[str]:
    """The name of a database that is made here and dropped here."""
    name = f"bench_{secrets.token_hex(6)}"
    with psycopg.connect(**_server(), dbname="postgres", autocommit=True) as admin:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        admin.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        try:
            yield name
        finally:
            drop_database(admin, name)


def drop_database(admin: Any, name: str) -> None:
    """Drop a database, also where somebody of ours is still connected to it; `admin` executes in another one.

    Not `WITH (FORCE)`: that is refused while the server itself cleans up in it, since its process is not ours to end.
    """
    ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user"
    admin.execute(ours, [name])
    admin.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def _server() -> dict[str, Any]:
    given = connection.get_connection_params()
    return {key: given[key] for key in SERVER if given.get(key)}
