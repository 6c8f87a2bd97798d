"""The clock of the rounds, run by the scheduler."""

from __future__ import annotations

import structlog
from celery import shared_task

from procurement.services.rounds import close_due_rounds as close_them

logger = structlog.get_logger(__name__)


@shared_task(name="procurement.close_due_rounds")
def close_due_rounds() -> int:
    """Close each round whose deadline has passed. May run twice, or at the same time, without harm."""
    closed = close_them()
    if closed:
        logger.info("rounds closed", count=closed)
    return closed
