"""The one clock by which deadlines are judged: the database's."""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection, models
from django.http import HttpRequest
from django.utils import timezone


class ClockTimestamp(models.Func):
    """The moment by the database's clock, as part of a query that is asked anyway."""

    template = "clock_timestamp()"
    output_field = models.DateTimeField()


def database_now() -> datetime:
    """The moment by the database's clock, aware. Not the start of the transaction: the moment itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    moment: datetime = now
    return moment


def database_today() -> date:
    """Today in Europe/Amsterdam, by the database's clock."""
    return timezone.localdate(database_now())


def today_on_page(request: HttpRequest) -> date:
    """The same, asked once for a page: all of its parts speak of one day."""
    known: date | None = getattr(request, "database_day", None)
    if known is None:
        known = database_today()
        request.database_day = known  # type: ignore[attr-defined]
    return known
