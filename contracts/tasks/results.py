"""The clock of quarterly reports."""

from __future__ import annotations

import structlog
from celery import shared_task

from contracts.services.result_reminders import ask_due_reports, remind_of_reports

logger = structlog.get_logger(__name__)


@shared_task(name="contracts.mind_reports")
def mind_reports() -> int:
    """Each morning: ask the reports of the quarter that is over, and remind of those that are not in."""
    asked, reminded = ask_due_reports(), remind_of_reports()
    logger.info("quarterly reports minded", asked=asked, reminded=reminded)
    return asked + reminded
