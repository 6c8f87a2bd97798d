"""Asking evaluators again about bidders of which the parties have changed; run by the scheduler."""

from __future__ import annotations

import structlog
from celery import shared_task

from procurement.services.interests import ask_again_everywhere

logger = structlog.get_logger(__name__)


@shared_task(name="procurement.ask_interests_again")
def ask_interests_again() -> int:
    """May run twice, or at the same time, without harm."""
    asked = ask_again_everywhere()
    if asked:
        logger.info("interests asked again", count=asked)
    return asked
