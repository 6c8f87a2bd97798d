"""The worker's part of rankings: making one, and checking all of them."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.db import DatabaseError

from procurement.selectors.evaluation import find_segment_round, find_user
from procurement.selectors.ranking_checks import ranking_by_id, ranking_ids
from procurement.services.ranking import rank_for_job
from procurement.services.recompute import check_ranking

logger = structlog.get_logger(__name__)


@shared_task(name="procurement.rank_segment")
def rank_segment(segment_round_id: int, user_id: int, job_id: str) -> None:
    """Rank a segment for who asked. Twice is no harm: the same dossier never makes a second ranking."""
    segment_round = find_segment_round(segment_round_id)
    ranking = rank_for_job(segment_round=segment_round, by=find_user(user_id), job_id=job_id)
    logger.info("segment ranked", segment_round=segment_round_id, digest=ranking.digest if ranking else "refused")


@shared_task(name="procurement.check_rankings")
def check_rankings() -> None:
    """Every night: each ranking computed again and compared. One that fails does not hold up the others."""
    different = 0
    pks = ranking_ids()
    for pk in pks:
        try:
            different += bool(check_ranking(ranking=ranking_by_id(pk), by=None).findings)
        except DatabaseError:
            logger.exception("a ranking could not be checked", ranking=pk)
    logger.info("rankings checked", rankings=len(pks), different=different)
