"""A database of one's own on the same server, made for a measurement and dropped after it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql

SERVER = ("host", "port", "user", "password")


@contextmanager
def scratch_database() -> Iterator[psycopg.Connection[Any]]:
    """A connection to an empty database; nothing of the portal's own data is read or written."""
    given = connection.get_connection_params()
    server = {key: given[key] for key in SERVER if given.get(key)}
    name = sql.Identifier(f"bench_{secrets.token_hex(6)}")
    with psycopg.connect(**server, dbname="postgres", autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            with psycopg.connect(**server, dbname=name.as_string().strip('"'), autocommit=True) as own:
                yield own
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
