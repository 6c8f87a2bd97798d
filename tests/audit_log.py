"""The log in tests: what somebody with the database's own password can do to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from achterhoek.audit.models import AuditAnchor, AuditEvent, AuditLink, AuditPending
from achterhoek.audit.services import record, verify
from tests.factories import RegionFactory

NEVER_EMPTIED = (AuditEvent, AuditLink, AuditAnchor)


@contextmanager
def past_the_triggers() -> Iterator[CursorWrapper]:
    """The owner of the tables switches the triggers off, does something, and switches them on again."""
    tables = [model._meta.db_table for model in (*NEVER_EMPTIED, AuditPending)]
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def events(count: int = 5) -> list[int]:
    """So many events, each of a transaction of its own; their numbers."""
    region = RegionFactory()
    made = []
    for number in range(count):
        with transaction.atomic():
            made.append(record("region.changed", by=None, target=region, detail={"number": number}).pk)
    return made


def findings(kept: dict[int, bytes] | None = None) -> list[str]:
    """What the check of the whole log says."""
    said: list[str] = []
    verify(report=lambda finding: said.append(str(finding)), kept=kept)
    return said


def verified(*arguments: str) -> str:
    """What the command says of the log. Raises `CommandError` where that is not whole."""
    out = StringIO()
    call_command("audit", "verify", *arguments, stdout=out)
    return out.getvalue()
