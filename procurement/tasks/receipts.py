"""The worker that mails receipts. The transaction that submits asks for it; the scheduler sees to what was missed."""

from __future__ import annotations

from datetime import timedelta

import structlog
from celery import shared_task

from achterhoek.audit.selectors import is_rush
from procurement.selectors.receipts import waiting_deliveries
from procurement.services.receipt_mail import mail_receipt as mail_it

logger = structlog.get_logger(__name__)

# One run of the scheduler makes at most this many, so that other work gets its turn.
BATCH = 100
# A rush puts mail off no longer than this; on the screen the receipt is there at once.
PATIENCE = timedelta(minutes=10)


@shared_task(name="procurement.mail_receipt")
def mail_receipt(delivery_id: int) -> bool:
    """Make and mail one receipt; in a rush it waits for the scheduler. May run twice, at the same time, or die
    half-way, without harm.
    """
    return not is_rush() and mail_it(delivery_id=delivery_id)


@shared_task(name="procurement.mail_receipts")
def mail_receipts() -> int:
    """Mail what still waits: there was a rush, its task was lost, its worker died, or something failed. One failure
    stops no other. In a rush only what waits too long already.
    """
    mailed = 0
    for delivery_id in waiting_deliveries(BATCH, at_least=PATIENCE if is_rush() else None):
        try:
            mailed += mail_it(delivery_id=delivery_id)
        except Exception as error:
            logger.error("receipt not mailed", delivery=delivery_id, error=type(error).__name__, exc_info=True)
    return mailed
