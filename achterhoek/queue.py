"""How a service asks the worker for something: by name, after the commit, and without falling over a broker.

And how a worker does long work alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import structlog
from celery import current_app
from django.db import InterfaceError, OperationalError, connection, transaction
from kombu.exceptions import OperationalError as BrokerDown

logger = structlog.get_logger(__name__)


def after_commit(task: str, *args: Any) -> None:
    """Queue the task of this name once the transaction is committed; arguments are primitives.

    By name, since tasks lie above services. A broker that is down must not undo what was committed:
    it is logged, and the scheduler's next round (or asking again) does the work. Asked for more than once in one
    transaction (three hundred mails, one round of the outbox), it is queued once.
    """
    asked = (task, args)
    if any(getattr(waiting[1], "asked", None) == asked for waiting in transaction.get_connection().run_on_commit):
        return

    def send() -> None:
        try:
            current_app.send_task(task, args=args, ignore_result=True)
        except (BrokerDown, OSError) as error:
            logger.error("broker does not answer", task=task, error=type(error).__name__)

    send.asked = asked  # type: ignore[attr-defined]
    transaction.on_commit(send)


@contextmanager
def together(name: str, key: int) -> Iterator[None]:
    """Say that somebody does this work now, who does it with others; `nobody_works` asks. Until the end, or until this
    process dies: by the database's connection, so outside of any transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(hashtext(%s), %s)", [name, key])
    try:
        yield
    finally:
        # A connection that is lost has let go already.
        with suppress(OperationalError, InterfaceError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_shared(hashtext(%s), %s)", [name, key])


def nobody_works(name: str, key: int) -> bool:
    """Whether nobody does this work now. Somebody may begin right after."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s), %s)", [name, key])
        (free,) = cursor.fetchone()
    return bool(free)


@contextmanager
def alone(name: str, key: int) -> Iterator[bool]:
    """Whether nobody else does this work now. Held until the end, or until this process dies: by the database's
    connection, so outside of any transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s), %s)", [name, key])
        (mine,) = cursor.fetchone()
    try:
        yield bool(mine)
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s), %s)", [name, key])
