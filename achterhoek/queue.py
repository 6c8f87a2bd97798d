"""How a service asks the worker for something: by name, after the commit, and without falling over a broker."""

from __future__ import annotations

from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = structlog.get_logger(__name__)


def after_commit(task: str, *args: Any) -> None:
    """Queue the task of this name once the transaction is committed; arguments are primitives.

    By name, since tasks lie above services. A broker that is down must not undo what was committed:
    it is logged, and the scheduler's next round (or asking again) does the work.
    """

    def send() -> None:
        try:
            current_app.send_task(task, args=args, ignore_result=True)
        except (OperationalError, OSError) as error:
            logger.error("broker does not answer", task=task, error=type(error).__name__)

    transaction.on_commit(send)
