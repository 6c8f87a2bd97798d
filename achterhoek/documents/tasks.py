"""Work for the worker: judge large uploads, draw first pages, ask the scanner again, sweep."""

from __future__ import annotations

import uuid

from celery import current_app, shared_task

from achterhoek.accounts.models import User
from achterhoek.audit.selectors import is_rush
from achterhoek.documents import intake, thumbnails, upkeep
from achterhoek.documents.models import Upload
from achterhoek.documents.storage import StorageDown
from achterhoek.sealing.keyring import KeyServiceDown

# These pass by themselves.
PASSING = (StorageDown, KeyServiceDown)


@shared_task(name="documents.finish_upload", autoretry_for=PASSING, retry_backoff=5, max_retries=20)
def finish_upload(pk: str, user: int) -> bool:
    """Judge an upload that came in whole; whether it became a file."""
    upload = Upload.objects.filter(pk=uuid.UUID(pk)).first()
    by = User.objects.filter(pk=user).first()
    return upload is not None and by is not None and intake.complete(upload=upload, by=by) is not None


@shared_task(name="documents.finish_waiting")
def finish_waiting() -> int:
    """Give out the uploads that a worker died with."""
    waiting = upkeep.unfinished_uploads()
    for pk, user in waiting:
        current_app.send_task("documents.finish_upload", args=(str(pk), user), ignore_result=True)
    return len(waiting)


@shared_task(name="documents.make_thumbnail", autoretry_for=PASSING, retry_backoff=5, max_retries=3)
def make_thumbnail(pk: str) -> bool:
    """Draw the first page of a file; not in a rush, then the clock asks for it later."""
    return not is_rush() and thumbnails.make_thumbnail(uuid.UUID(pk))


@shared_task(name="documents.make_waiting_thumbnails")
def make_waiting_thumbnails() -> int:
    """Draw what was put off in a rush; how many."""
    if is_rush():
        return 0
    return sum(thumbnails.make_thumbnail(pk) for pk in upkeep.without_thumbnail())


@shared_task(name="documents.scan_waiting")
def scan_waiting() -> int:
    """Ask the virus scanner about the files that wait for it."""
    return upkeep.scan_again()


@shared_task(name="documents.sweep")
def sweep() -> int:
    """Take away what belongs to nothing."""
    return upkeep.sweep()
