"""The clock of changes of subcontractors."""

from __future__ import annotations

import structlog
from celery import shared_task

from contracts.services.change_evidence import sweep_held_evidence as sweep

logger = structlog.get_logger(__name__)


@shared_task(name="contracts.sweep_held_evidence")
def sweep_held_evidence() -> int:
    """Each night: throw away the documents of forms that were never sent."""
    count = sweep()
    logger.info("documents of unsent forms thrown away", count=count)
    return count
