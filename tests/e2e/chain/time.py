"""Time that passes. The clock is the database's and cannot be moved, so the moments move instead, by plain SQL."""

from __future__ import annotations

from django.db import connection

from achterhoek.celery import app
from procurement.enums import RoundStatus
from procurement.models import Decision, Round
from tests.worker import wait_until


def pass_deadline(round: Round) -> None:
    """The deadline is now, after all that came in; then what the scheduler asks of the worker every minute."""
    _update("UPDATE procurement_round SET deadline = clock_timestamp() WHERE id = %s", round.pk)
    app.send_task("procurement.close_due_rounds")
    wait_until(
        lambda: Round.objects.get(pk=round.pk).status == RoundStatus.CLOSED, seconds=30, what="the round is closed"
    )


def pass_standstill(decision: Decision) -> None:
    """The last day of the standstill was yesterday."""
    today = "(clock_timestamp() AT TIME ZONE 'Europe/Amsterdam')::date"
    _update(f"UPDATE procurement_decision SET standstill_until = {today} - 1 WHERE id = %s", decision.pk)


def _update(statement: str, pk: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [pk])
        assert cursor.rowcount == 1
