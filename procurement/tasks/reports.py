"""The worker that makes evaluation reports."""

from __future__ import annotations

import structlog
from celery import shared_task

from procurement.selectors.evaluation import find_segment_round, find_user
from procurement.services.evaluation_report import make_report as make

logger = structlog.get_logger(__name__)


@shared_task(name="procurement.make_report")
def make_report(segment_round_id: int, user_id: int, job_id: str, number: int) -> None:
    """Make the report with this number. Twice is no harm: it is made once."""
    made = make(segment_round=find_segment_round(segment_round_id), by=find_user(user_id), job_id=job_id, number=number)
    logger.info("evaluation report", segment_round=segment_round_id, number=number, made=made is not None)
