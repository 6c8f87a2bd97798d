"""Emptying the tables after a test that commits.

Django truncates all tables of the portal each time, which takes PostgreSQL ten times as long as deleting the few rows
that a test leaves behind; and it makes all permissions anew. What comes out is the same: no row but those.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connection, transaction
from django.test import TransactionTestCase

# Made once with the tables, from the models; no test has others.
KEPT = ("auth_permission", "django_content_type")


def use_it() -> None:
    """From now on tests that commit are followed by `empty_tables`."""
    TransactionTestCase._fixture_teardown = lambda self: empty_tables()  # type: ignore[method-assign]


def empty_tables() -> None:
    """Delete every row that there is; what refuses that (the log, for one) is switched off for as long as it takes."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_question())
        filled = [table for (table,) in cursor.fetchall()]
        guarded = [table for table in filled if table in _guarded()]
        _each(cursor, "ALTER TABLE {} DISABLE TRIGGER USER", guarded)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        _each(cursor, "DELETE FROM {}", filled)
        # A table with checks still to be done cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _each(cursor, "ALTER TABLE {} ENABLE TRIGGER USER", guarded)


def _each(cursor: Any, statement: str, tables: list[str]) -> None:
    if tables:
        cursor.execute("; ".join(statement.format(connection.ops.quote_name(table)) for table in tables))


@cache
def _question() -> str:
    """Which tables have a row."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return " UNION ALL ".join(
        f"(SELECT '{table}' FROM {connection.ops.quote_name(table)} LIMIT 1)"
        for table in sorted(set(tables) - set(KEPT))
    )


@cache
def _guarded() -> frozenset[str]:
    """Tables with rules of their own about who may delete from them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        return frozenset(table.strip('"') for (table,) in cursor.fetchall())
