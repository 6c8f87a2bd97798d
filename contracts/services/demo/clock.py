"""The database's clock, moved into the past for one transaction.

A practice tender whose deadline has passed cannot be made by services that judge deadlines by the database's
clock; and they have no back door, nor should they. So the demo moves that clock: for this transaction only,
functions of the same names stand before PostgreSQL's own, and the columns that are filled with the present
moment take it from there. What the services then write is what they would have written at the time. With the
end of the transaction everything is as it was; no other connection ever sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

SCHEMA = "demo_clock"
CLOCKS = ("clock_timestamp", "statement_timestamp")
SetClock = Callable[[datetime], None]


@contextmanager
def movable_clock() -> Iterator[SetClock]:
    """Give a function that sets the database's clock, which goes on running from there. Demo only."""
    if not settings.DEMO or not connection.in_atomic_block:
        raise RuntimeError("the clock can be moved in a transaction of the demo only")
    with connection.cursor() as cursor:
        cursor.execute("SHOW search_path")
        (path,) = cursor.fetchone()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
        for name in CLOCKS:
            cursor.execute(
                f"CREATE FUNCTION {SCHEMA}.{name}() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$"
                f" SELECT pg_catalog.{name}() + current_setting('demo.shift')::interval $$"
            )
        cursor.execute("SELECT set_config('demo.shift', '0', true)")
        fill_present_moments_from(f"{SCHEMA}.statement_timestamp()")
        cursor.execute("SELECT set_config('search_path', %s, true)", [f"{SCHEMA}, pg_catalog, {path}"])
        yield _set_clock
        cursor.execute("SELECT set_config('search_path', %s, true)", [path])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        fill_present_moments_from("statement_timestamp()")
        cursor.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _set_clock(moment: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('demo.shift', (%s::timestamptz - pg_catalog.clock_timestamp())::text, true)", [moment]
        )


def fill_present_moments_from(function: str) -> None:
    """Columns whose default is the present moment ask this function for it."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if model._meta.proxy or not model._meta.managed:
                continue
            for field in model._meta.local_concrete_fields:
                if isinstance(field.db_default, Now):
                    table, column = quote(model._meta.db_table), quote(field.column)
                    cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {function}")
