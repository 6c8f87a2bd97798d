"""Writers of the outbox."""

from __future__ import annotations

from collections.abc import Iterable

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.accounts.roles import has_role
from achterhoek.audit.services import record
from achterhoek.documents.models import StoredFile
from achterhoek.errors import NotAllowed
from achterhoek.mail.models import MessageStatus, OutboxMessage
from achterhoek.queue import after_commit

logger = structlog.get_logger(__name__)
MAX_ATTEMPTS = 10


def queue_mail(*, key: str, to: str, subject: str, body: str, attachments: Iterable[StoredFile] = ()) -> OutboxMessage:
    """Write a message into the outbox, once for each `key`. A worker sends it after the commit."""
    message, created = OutboxMessage.objects.get_or_create(
        key=key, defaults={"to": to, "subject": subject[:200], "body": body}
    )
    if created:
        message.attachments.set(attachments)
        after_commit("mail.send_outbox")
    return message


class MailServerDown(Exception):
    """The mail server did not take the message; the rest of the outbox waits for the next round."""


def send_next() -> bool:
    """Send the oldest waiting message; False where there is none.

    The row is locked while it is sent and other workers skip it, so that two never send the same
    one. Raises `MailServerDown` after noting the error with the message, which stays in the outbox.
    """
    with transaction.atomic():
        message = (
            OutboxMessage.objects.select_for_update(skip_locked=True)
            .filter(status=MessageStatus.QUEUED)
            .order_by("attempts", "id")
            .first()
        )
        if message is None:
            return False
        error = _deliver(message)
        if error is None:
            OutboxMessage.objects.filter(pk=message.pk).update(
                status=MessageStatus.SENT, attempts=F("attempts") + 1, sent_at=Now(), last_error=""
            )
            return True
        tried = message.attempts + 1
        OutboxMessage.objects.filter(pk=message.pk).update(
            status=MessageStatus.FAILED if tried >= MAX_ATTEMPTS else MessageStatus.QUEUED,
            attempts=tried,
            last_error=str(error)[:1000],
        )
    logger.warning("mail not sent", message=message.pk, attempt=tried, error=type(error).__name__)
    raise MailServerDown from error


def _deliver(message: OutboxMessage) -> Exception | None:
    """Hand the message to the mail server; the error where it was not taken (smtplib's are OSErrors), or where
    no mail can be made of it (a header of two lines is a ValueError): that must not hold up the others.
    """
    mail = EmailMessage(
        subject=message.subject, body=message.body, from_email=settings.DEFAULT_FROM_EMAIL, to=[message.to]
    )
    try:
        for stored in message.attachments.all():
            with stored.file.open("rb") as content:
                mail.attach(stored.name, content.read(), stored.content_type)
        mail.send()
    except (OSError, ValueError) as error:
        return error
    return None


@transaction.atomic
def resend(*, message: OutboxMessage, by: User) -> None:
    """Put a message that failed for good back into the outbox (functional administrator)."""
    if not has_role(by, Role.ADMIN):
        raise NotAllowed(_("Only the functional administrator sends a message again."))
    again = OutboxMessage.objects.filter(pk=message.pk, status=MessageStatus.FAILED).update(
        status=MessageStatus.QUEUED, attempts=0
    )
    if again:
        record("mail.message.requeued", by=by, target=message)
        after_commit("mail.send_outbox")
