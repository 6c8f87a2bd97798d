"""The clock of contracts."""

from __future__ import annotations

import structlog
from celery import shared_task

from contracts.services import contracts as services

logger = structlog.get_logger(__name__)


@shared_task(name="contracts.end_due_contracts")
def end_due_contracts() -> int:
    """Each night: end the contracts of which the last agreed term is over."""
    count = services.end_due_contracts()
    logger.info("contracts ended", count=count)
    return count
