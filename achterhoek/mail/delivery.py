"""One message and one mail server: what is handed over, and what its answer means. Nothing is written here."""

from __future__ import annotations

import contextlib
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import format_datetime
from enum import Enum
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from achterhoek.mail.models import OutboxMessage

# Answers of SMTP (RFC 5321, 4.2.1): from here on the server says that it will never take this.
PERMANENT = 500
CLOSING = 421


class Fault(Enum):
    """Whose fault it is that a message was not taken."""

    SERVER = "server"  # it does not answer, or sends all away: nothing else is tried for now
    MESSAGE = "message"  # not taken now; another time perhaps, and others may be
    POISON = "poison"  # it can never be taken


@dataclass(frozen=True, slots=True)
class Refusal:
    """That a message was not taken: whose fault, and what was said."""

    fault: Fault
    said: str


@contextmanager
def mail_server() -> Iterator[Any]:
    """One conversation with the mail server, for as many messages as it lasts; opened by the first of them."""
    connection = get_connection()
    try:
        yield connection
    finally:
        # All that was accepted has been answered; a server that does not say goodbye changes nothing.
        with contextlib.suppress(OSError):
            connection.close()


def hand_over(message: OutboxMessage, connection: Any) -> Refusal | None:
    """Offer the message to the mail server; None where it took it.

    Message-ID and Date were fixed when the message was written: handed over again after a crash, it is the same
    mail (RFC 5322, 3.6.4), by which its receiver, and every server on the way, can tell.
    """
    try:
        mail = _mail(message, connection)
    except OSError as error:
        return Refusal(Fault.MESSAGE, _said(error))
    try:
        connection.open()
    except (OSError, ValueError) as error:
        return Refusal(Fault.SERVER, _said(error))
    try:
        mail.send()
    except ValueError as error:  # no mail can be made of it: a header of two lines
        return Refusal(Fault.POISON, _said(error))
    except OSError as error:  # smtplib's are, too
        fault = fault_of(error)
        if fault is Fault.SERVER:
            with contextlib.suppress(OSError):
                connection.close()
        return Refusal(fault, _said(error))
    return None


def fault_of(error: OSError) -> Fault:
    """Whose fault an error is. A 4xx may pass, a 5xx about this receiver or this text will not (RFC 5321, 4.5.4.1)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _words in error.recipients.values()]
    elif isinstance(error, smtplib.SMTPDataError):
        codes = [error.smtp_code]
    else:
        return Fault.SERVER
    if CLOSING in codes:
        return Fault.SERVER
    return Fault.POISON if codes and min(codes) >= PERMANENT else Fault.MESSAGE


def _mail(message: OutboxMessage, connection: Any) -> EmailMessage:
    mail = EmailMessage(
        subject=message.subject, body=message.body, from_email=settings.DEFAULT_FROM_EMAIL, to=[message.to],
        headers={"Message-ID": message.message_id, "Date": format_datetime(message.created_at)},
        connection=connection,
    )  # fmt: skip
    for stored in message.attachments.order_by("name", "pk"):
        with stored.file.open("rb") as content:
            mail.attach(stored.name, content.read(), stored.content_type)
    return mail


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:1000]
