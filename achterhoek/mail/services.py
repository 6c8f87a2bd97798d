"""Writers of the outbox."""

from __future__ import annotations

from collections.abc import Iterable

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from achterhoek.documents.models import StoredFile
from achterhoek.mail.models import MessageStatus, OutboxMessage

logger = structlog.get_logger(__name__)
MAX_ATTEMPTS = 10


def queue_mail(
    *, key: str, to: str, subject: str, body: str, attachments: Iterable[StoredFile] = ()
) -> OutboxMessage:
    """Write a message into the outbox, once for each `key`. A worker sends it after the commit."""
    message, created = OutboxMessage.objects.get_or_create(
        key=key, defaults={"to": to, "subject": subject[:200], "body": body}
    )
    if created:
        message.attachments.set(attachments)
        transaction.on_commit(_wake_worker)
    return message


def _wake_worker() -> None:
    from achterhoek.mail.tasks import send_outbox

    send_outbox.delay()


def send_next() -> bool:
    """Send the oldest waiting message; False where there is none.

    The row is locked while it is sent and others skip it, so that two workers never send the same
    one. A server that is down leaves the message waiting, with its error, for the next round.
    """
    with transaction.atomic():
        message = (
            OutboxMessage.objects.select_for_update(skip_locked=True)
            .filter(status=MessageStatus.QUEUED, attempts__lt=MAX_ATTEMPTS)
            .order_by("attempts", "id")
            .first()
        )
        if message is None:
            return False
        try:
            _deliver(message)
        except OSError as error:  # smtplib's errors are OSErrors too
            _note_failure(message, error)
            raise
        OutboxMessage.objects.filter(pk=message.pk).update(
            status=MessageStatus.SENT, attempts=F("attempts") + 1, sent_at=Now(), last_error=""
        )
        return True
