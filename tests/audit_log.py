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


def let_the_log_be_emptied() -> None:
    """Tests that commit empty all tables afterwards. The log refuses that; in the tests' own database it may."""
    _switch("DISABLE", only="no_truncate")


@contextmanager
def refusing_to_be_emptied() -> Iterator[CursorWrapper]:
    """As in production. Everything in here is undone."""
    with transaction.atomic():
        _switch("ENABLE", only="no_truncate")
        with connection.cursor() as cursor:
            yield cursor
        transaction.set_rollback(True)


@contextmanager
def past_the_triggers() -> Iterator[CursorWrapper]:
    """The owner of the tables switches the triggers off, does something, and switches them on again."""
    with transaction.atomic(), connection.cursor() as cursor:
        for model in (*NEVER_EMPTIED, AuditPending):
            cursor.execute(f"ALTER TABLE {model._meta.db_table} DISABLE TRIGGER USER")
        yield cursor
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _switch("ENABLE", but="no_truncate")


def _switch(how: str, *, only: str = "", but: str = "") -> None:
    with connection.cursor() as cursor:
        for model in (*NEVER_EMPTIED, AuditPending):
            for trigger in model._meta.triggers:
                if trigger.name != but and only in ("", trigger.name):
                    cursor.execute(f"ALTER TABLE {model._meta.db_table} {how} TRIGGER {trigger.get_pgid(model)}")


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
