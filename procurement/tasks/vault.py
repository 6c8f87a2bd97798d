"""Opening a large vault: every file in it is read and compared, which takes as long as that takes."""

from __future__ import annotations

import structlog
from celery import shared_task

from procurement.selectors.vault import unfinished_openings
from procurement.services.vault import finish_opening as finish_it

logger = structlog.get_logger(__name__)


@shared_task(name="procurement.finish_opening")
def finish_opening(round_id: int) -> None:
    """Compare and lay open what its openers confirmed. May run twice, or die half-way, without harm."""
    opening = finish_it(round_id=round_id)
    logger.info("vault opened", round=round_id, submissions=len(opening.submissions))


@shared_task(name="procurement.finish_openings")
def finish_openings() -> int:
    """Go on with every opening that a worker did not finish."""
    waiting = unfinished_openings()
    for round_id in waiting:
        finish_it(round_id=round_id)
    return len(waiting)
