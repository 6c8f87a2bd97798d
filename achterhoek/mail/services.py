"""Writers of the outbox."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db import connection as database
from django.db.models import DurationField, F, Value
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.accounts.roles import has_role
from achterhoek.audit.services import record
from achterhoek.documents.models import StoredFile
from achterhoek.errors import NotAllowed
from achterhoek.mail.delivery import Fault, Refusal, hand_over
from achterhoek.mail.models import MessageStatus, OutboxMessage
from achterhoek.queue import after_commit

logger = structlog.get_logger(__name__)
# How often a server may refuse one message for now before it is set aside: half a day, all in all.
MAX_REFUSALS = 10
LONGEST_PAUSE = timedelta(hours=1)
ASK_DATABASE_AGAIN = 0.5


def queue_mail(*, key: str, to: str, subject: str, body: str, attachments: Iterable[StoredFile] = ()) -> OutboxMessage:
    """Write a message into the outbox, once for each `key`. A worker sends it after the commit."""
    message, created = OutboxMessage.objects.get_or_create(
        key=key, defaults={"to": to, "subject": subject[:200], "body": body}
    )
    if created:
        message.attachments.set(attachments)
        after_commit("mail.send_outbox")
    return message


@dataclass(frozen=True, slots=True)
class Mail:
    """One of many messages that are written at once; `key` as in `queue_mail`."""

    key: str
    to: str
    subject: str
    body: str
    attachments: Sequence[StoredFile] = ()


@transaction.atomic
def queue_mails(mails: Sequence[Mail]) -> None:
    """As `queue_mail`, for many at once: three queries, however many. A key that is there already stays as it is."""
    ours = [OutboxMessage(key=mail.key, to=mail.to, subject=mail.subject[:200], body=mail.body) for mail in mails]
    OutboxMessage.objects.bulk_create(ours, ignore_conflicts=True)
    # A message under its own key that has another Message-ID than ours was written before, with what it brings.
    written = OutboxMessage.objects.filter(message_id__in=[message.message_id for message in ours])
    ids = dict(written.values_list("key", "pk"))
    attachment = OutboxMessage.attachments.through
    attachment.objects.bulk_create(
        attachment(outboxmessage_id=ids[mail.key], storedfile_id=stored.pk)
        for mail in mails
        if mail.key in ids
        for stored in mail.attachments
    )
    if ids:
        after_commit("mail.send_outbox")


class MailServerDown(Exception):
    """The mail server did not take the message; the rest of the outbox waits for the next round."""


def send_next(connection: Any) -> bool:
    """Send the message that waits longest over this connection; False where none is due.

    Claimed first, in a transaction of its own: whoever dies after that, or loses the database, leaves a message that
    nobody else touches until the claim has passed, and that goes out under the same Message-ID then. What the mail
    server answered is noted as soon as there is a database to note it in.
    Raises `MailServerDown` where the server takes nothing at all now.
    """
    message = _claim()
    if message is None:
        return False
    refused = hand_over(message, connection)
    _note(message, refused)
    if refused is not None:
        logger.warning("mail not sent", message=message.pk, attempt=message.attempts, fault=refused.fault.value)
        if refused.fault is Fault.SERVER:
            raise MailServerDown
    return True


@transaction.atomic
def _claim() -> OutboxMessage | None:
    """The next message that is due, ours until `MAIL_CLAIM_SECONDS` from now. Others skip one that is locked."""
    due = OutboxMessage.objects.filter(status=MessageStatus.QUEUED, not_before__lte=Now())
    message = due.select_for_update(skip_locked=True).order_by("not_before", "id").first()
    if message is not None:
        OutboxMessage.objects.filter(pk=message.pk).update(
            attempts=F("attempts") + 1, not_before=_in(timedelta(seconds=settings.MAIL_CLAIM_SECONDS))
        )
        message.attempts += 1
    return message


def _note(message: OutboxMessage, refused: Refusal | None) -> None:
    """Write down how it went. Where the database died meanwhile we wait for it, as long as the claim is ours: nobody
    but this process knows what the mail server said.
    """
    patience = time.monotonic() + settings.MAIL_CLAIM_SECONDS
    while True:
        try:
            _write(message, refused)
        except (OperationalError, InterfaceError):
            if database.in_atomic_block or time.monotonic() > patience:
                raise
            database.close()
            time.sleep(ASK_DATABASE_AGAIN)
        else:
            return


def _write(message: OutboxMessage, refused: Refusal | None) -> None:
    ours = OutboxMessage.objects.filter(pk=message.pk).exclude(status=MessageStatus.SENT)
    if refused is None:
        ours.update(status=MessageStatus.SENT, sent_at=Now(), last_error="")
    elif refused.fault is Fault.SERVER:
        ours.update(last_error=refused.said, not_before=_in(timedelta(seconds=settings.MAIL_PAUSE_SECONDS)))
    else:
        refusals = message.refusals + 1
        lost = refused.fault is Fault.POISON or refusals >= MAX_REFUSALS
        ours.update(
            status=MessageStatus.FAILED if lost else MessageStatus.QUEUED, refusals=refusals,
            last_error=refused.said, not_before=_in(pause_after(refusals)),
        )  # fmt: skip


def pause_after(refusals: int) -> timedelta:
    """How long a message rests that was refused so often: twice as long each time, an hour at most."""
    first = timedelta(seconds=settings.MAIL_PAUSE_SECONDS)
    return min(first * (1 << (refusals - 1)), LONGEST_PAUSE)


def _in(pause: timedelta) -> Any:
    """So long after now, by the database's clock."""
    return Now() + Value(pause, output_field=DurationField())


@transaction.atomic
def resend(*, message: OutboxMessage, by: User) -> None:
    """Put a message that failed for good back into the outbox (functional administrator)."""
    if not has_role(by, Role.ADMIN):
        raise NotAllowed(_("Only the functional administrator sends a message again."))
    again = OutboxMessage.objects.filter(pk=message.pk, status=MessageStatus.FAILED).update(
        status=MessageStatus.QUEUED, attempts=0, refusals=0, not_before=Now()
    )
    if again:
        record("mail.message.requeued", by=by, target=message)
        after_commit("mail.send_outbox")
