"""The worker's part of a ranking."""

from __future__ import annotations

import structlog
from celery import shared_task

from procurement.selectors.evaluation import find_segment_round, find_user
from procurement.services.ranking import rank_for_job

logger = structlog.get_logger(__name__)


@shared_task(name="procurement.rank_segment")
def rank_segment(segment_round_id: int, user_id: int, job_id: str) -> None:
    """Rank a segment for who asked. Twice is no harm: the same dossier never makes a second ranking."""
    segment_round = find_segment_round(segment_round_id)
    ranking = rank_for_job(segment_round=segment_round, by=find_user(user_id), job_id=job_id)
    logger.info("segment ranked", segment_round=segment_round_id, digest=ranking.digest if ranking else "refused")
