"""The database's own rules put aside for a moment: what time, or an intruder who owns the tables, would do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from pgtrigger import registered


@contextmanager
def ignored(*names: str) -> Iterator[None]:
    """These triggers (`app.Model:name`), or all of them, do nothing on this connection.

    `pgtrigger.ignore` puts a second command before each statement, which a prepared one does not take.
    """
    ids = ",".join(trigger.get_pgid(model) for model, trigger in registered(*names))
    _ignore(f"{{{ids}}}")
    try:
        yield
    finally:
        _ignore("{}")


def _ignore(ids: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, false)", [ids])
