"""Work for the worker: empty the outbox."""

from celery import shared_task

from achterhoek.mail.services import MailServerDown, send_next

# One run sends at most this many, so that a worker is never held by mail alone.
BATCH = 200


@shared_task(name="mail.send_outbox")
def send_outbox() -> int:
    """Send what waits; stop at the first refusal of the server. May run twice at once without harm."""
    sent = 0
    try:
        while sent < BATCH and send_next():
            sent += 1
    except MailServerDown:
        pass
    return sent
