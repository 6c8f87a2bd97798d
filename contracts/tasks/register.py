"""The clock of the register."""

from __future__ import annotations

import structlog
from celery import shared_task

from contracts.services.register import keep_due_versions

logger = structlog.get_logger(__name__)


@shared_task(name="contracts.keep_register_versions")
def keep_register_versions() -> int:
    """Each hour, and so right after midnight: keep the versions of which the day is over."""
    count = keep_due_versions()
    logger.info("versions of the register kept", count=count)
    return count
