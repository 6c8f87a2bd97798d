"""Work for the worker: empty the outbox."""

from celery import shared_task

from achterhoek.mail.delivery import mail_server
from achterhoek.mail.services import MailServerDown, send_next

# One run tries at most this many, so that a worker is never held by mail alone.
BATCH = 200


@shared_task(name="mail.send_outbox")
def send_outbox() -> int:
    """Send what is due, in one conversation; stop where the server takes nothing. How many were tried.

    May run twice at once, or die anywhere, without harm.
    """
    tried = 0
    try:
        with mail_server() as connection:
            while tried < BATCH and send_next(connection):
                tried += 1
    except MailServerDown:
        pass
    return tried
