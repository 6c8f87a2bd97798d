"""The clock of contracts."""

from __future__ import annotations

import structlog
from celery import shared_task

from contracts.services import contracts as services
from contracts.services.option_reminders import remind_of_options
from contracts.services.options import lapse_options
from contracts.services.replacement import follow_contractors

logger = structlog.get_logger(__name__)


@shared_task(name="contracts.end_due_contracts")
def end_due_contracts() -> int:
    """Each night: end the contracts of which the last agreed term is over; others follow who took them over."""
    followed = follow_contractors()
    count = services.end_due_contracts()
    logger.info("contracts ended", count=count, taken_over=followed)
    return count


@shared_task(name="contracts.mind_options")
def mind_options() -> int:
    """Each morning: remind of the options that come up, and close those whose notice date passed."""
    lapsed, reminded = lapse_options(), remind_of_options()
    logger.info("options minded", lapsed=lapsed, reminded=reminded)
    return lapsed + reminded
