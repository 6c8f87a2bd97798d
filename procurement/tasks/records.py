"""The worker that makes the record of a procedure, and the dossier of a tender."""

from __future__ import annotations

import structlog
from celery import shared_task

from procurement.selectors.evaluation import find_user
from procurement.selectors.records import find_tender
from procurement.services.procedure_record import make_record
from procurement.services.tender_dossier import make_dossier

logger = structlog.get_logger(__name__)


@shared_task(name="procurement.make_procedure_record")
def make_procedure_record(tender_id: int, user_id: int, job_id: str, number: int) -> None:
    """Make the record with this number. Twice is no harm: it is made once."""
    made = make_record(tender=find_tender(tender_id), by=find_user(user_id), job_id=job_id, number=number)
    logger.info("record of the procedure", tender=tender_id, number=number, made=made is not None)


@shared_task(name="procurement.make_tender_dossier")
def make_tender_dossier(tender_id: int, user_id: int, job_id: str, number: int) -> None:
    """Make the dossier with this number. Twice is no harm: it is made once."""
    made = make_dossier(tender=find_tender(tender_id), by=find_user(user_id), job_id=job_id, number=number)
    logger.info("dossier of the tender", tender=tender_id, number=number, made=made is not None)
