"""Years that pass within a test: the database's clock goes on, for everybody at once.

Every rule of the portal asks the database what day it is (`achterhoek.clock`). So functions of the same names stand
before PostgreSQL's own, in this test's database alone: the pages, the worker and the test itself live on the same day.
Nothing that was written is touched; the days that a contract runs simply come.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from django.db import connection

from achterhoek.clock import database_today
from contracts.services.demo.clock import CLOCKS, fill_present_moments_from

SCHEMA = "moved_clock"


class Clock:
    """Goes forward only, by whole days."""

    @property
    def today(self) -> date:
        return database_today()

    def go_to(self, day: date) -> None:
        """From now on it is this day, at the hour that it is now."""
        ahead = (day - self.today).days
        assert ahead >= 0, "time does not go back"
        self.later(ahead)

    def later(self, days: int) -> date:
        """So many days go by; the day that it is then."""
        _run(f"UPDATE {SCHEMA}.shift SET by = by + %s", timedelta(days=days))
        return self.today


@contextmanager
def moving_clock() -> Iterator[Clock]:
    """A clock that the test moves; in the end it is again what time it is."""
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    _run(f"CREATE SCHEMA {SCHEMA}")
    _run(f"CREATE TABLE {SCHEMA}.shift AS SELECT interval '0' AS by")
    for clock in CLOCKS:
        _run(
            f"CREATE FUNCTION {SCHEMA}.{clock}() RETURNS timestamptz LANGUAGE sql VOLATILE AS"
            f" $$ SELECT pg_catalog.{clock}() + (SELECT by FROM {SCHEMA}.shift) $$"
        )
    fill_present_moments_from(f"{SCHEMA}.statement_timestamp()")
    _run(f"ALTER DATABASE {name} SET search_path = {SCHEMA}, pg_catalog, public")
    connection.close()
    try:
        yield Clock()
    finally:
        _run(f"ALTER DATABASE {name} RESET search_path")
        connection.close()
        fill_present_moments_from("statement_timestamp()")
        _run(f"DROP SCHEMA {SCHEMA} CASCADE")


def _run(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
