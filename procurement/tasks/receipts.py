"""The worker that mails receipts. The transaction that submits asks for it; the scheduler sees to what was missed."""

from __future__ import annotations

import structlog
from celery import shared_task

from procurement.selectors.receipts import waiting_deliveries
from procurement.services.receipt_mail import mail_receipt as mail_it

logger = structlog.get_logger(__name__)

# One run of the scheduler makes at most this many, so that other work gets its turn.
BATCH = 100


@shared_task(name="procurement.mail_receipt")
def mail_receipt(delivery_id: int) -> bool:
    """Make and mail one receipt. May run twice, at the same time, or die half-way, without harm."""
    return mail_it(delivery_id=delivery_id)


@shared_task(name="procurement.mail_receipts")
def mail_receipts() -> int:
    """Mail what still waits: its task was lost, its worker died, or something failed. One failure stops no other."""
    mailed = 0
    for delivery_id in waiting_deliveries(BATCH):
        try:
            mailed += mail_it(delivery_id=delivery_id)
        except Exception as error:
            logger.error("receipt not mailed", delivery=delivery_id, error=type(error).__name__, exc_info=True)
    return mailed
