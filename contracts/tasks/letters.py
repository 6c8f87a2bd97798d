"""The worker of letters about contracts."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.utils import translation

from contracts.services import letters as services

logger = structlog.get_logger(__name__)


@shared_task(name=services.MAKE_TASK)
def make_letters() -> int:
    """Make and mail what waits; may run twice, at the same time, or after a run that died."""
    with translation.override("nl"):
        made = services.make_letters()
    if made:
        logger.info("letters about contracts", made=made)
    return made
