"""Reminding of notices of awards; run by the scheduler."""

from __future__ import annotations

import structlog
from celery import shared_task

from procurement.services.award_notices import remind_of_notices

logger = structlog.get_logger(__name__)


@shared_task(name="procurement.remind_award_notices")
def remind_award_notices() -> int:
    """May run twice without harm: each reminder is written once."""
    waiting = remind_of_notices()
    if waiting:
        logger.info("award notices wait", count=waiting)
    return waiting
