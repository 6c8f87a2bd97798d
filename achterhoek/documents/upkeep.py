"""What the clock does for files: judge what waits, and sweep away what nothing refers to."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import structlog
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from achterhoek.audit.services import record
from achterhoek.documents import storage, uploads
from achterhoek.documents.intake import LIFETIME
from achterhoek.documents.models import Scan, StoredFile, Upload
from achterhoek.documents.scan import scan
from achterhoek.documents.sealed import chunks, key_of, storage_keys
from achterhoek.queue import after_commit
from achterhoek.sealing import age
from achterhoek.sealing.services import KeyWithheld

logger = structlog.get_logger(__name__)

# A worker that died with a file gets it back after this.
PATIENCE = timedelta(minutes=5)
# And a web process that died with one that it judges at once, while its uploader waits.
SHORT_PATIENCE = timedelta(seconds=8)
SCANS_AT_ONCE = 200
PICTURE_PATIENCE = timedelta(minutes=15)
PICTURES_AT_ONCE = 500


def unfinished_uploads() -> list[tuple[uuid.UUID, int]]:
    """Uploads that came in whole and that nobody judges (any more), with who sent them. Each is given out once."""
    now = timezone.now()
    with transaction.atomic():
        whole = Upload.objects.filter(finished_at=None, error="", offset=F("size"))
        found = list(whole.select_for_update(skip_locked=True).filter(changed_at__lt=now - PATIENCE))
        Upload.objects.filter(pk__in=[upload.pk for upload in found]).update(changed_at=now)
    return [(upload.pk, upload.by_id) for upload in found]


def take_up(upload: Upload) -> bool:
    """Whether whoever asks now is to judge this upload: it came in whole a while ago, and who judged it was killed.

    Only for what is judged in seconds. True for one of those who ask at once.
    """
    whole = Upload.objects.filter(pk=upload.pk, finished_at=None, error="", offset=F("size"))
    now = timezone.now()
    return bool(whole.filter(changed_at__lt=now - SHORT_PATIENCE).update(changed_at=now))


def without_thumbnail() -> list[uuid.UUID]:
    """Files of the last quarter of an hour without a picture: each is tried a few times, since some cannot be drawn."""
    recent = StoredFile.objects.filter(created_at__gt=timezone.now() - PICTURE_PATIENCE, thumbnail="")
    drawable = recent.filter(envelope__isnull=False, content_type=uploads.PDF).exclude(
        scan__in=(Scan.WAITING, Scan.INFECTED)
    )
    return list(drawable.order_by("created_at").values_list("pk", flat=True)[:PICTURES_AT_ONCE])


def scan_again() -> int:
    """Ask the scanner about files that wait for it, as far as they can be opened; how many it judged.

    One that is part of a sealed submission waits until its round is opened: nobody sees it before.
    """
    waiting = StoredFile.objects.filter(Q(envelope__isnull=False) | Q(public=""), scan=Scan.WAITING)
    judged = 0
    for stored in waiting.select_related("sealing_key").order_by("created_at")[:SCANS_AT_ONCE]:
        try:
            secret = key_of(stored).secret if stored.is_sealed else ""
            found = scan(chunks(stored, secret))
        except (KeyWithheld, FileNotFoundError, age.SealBroken) as error:
            logger.error("a file that waits for the scanner cannot be read", error=type(error).__name__)
            continue
        if found == Scan.WAITING:
            break  # it does not answer; the next round asks again
        _keep_scan(stored, found)
        judged += 1
    return judged


@transaction.atomic
def _keep_scan(stored: StoredFile, found: Scan) -> None:
    if not StoredFile.objects.filter(pk=stored.pk, scan=Scan.WAITING).update(scan=found):
        return
    if found == Scan.INFECTED:
        record("documents.file.infected", by=None, target=stored)
    else:
        after_commit("documents.make_thumbnail", str(stored.pk))


def sweep() -> int:
    """Take away what is older than a day and belongs to nothing: uploads that stopped, parts of a process that was
    killed. How many parts and uploads went.
    """
    gone = 0
    limit = timezone.now() - LIFETIME
    for upload in Upload.objects.filter(changed_at__lt=limit):
        uploads.cancel(upload=upload)
        gone += 1
    found = list(_stored_keys())
    # An upload becomes a file in one transaction, so asking for uploads first misses neither.
    held = {key for upload in Upload.objects.iterator() for key in storage_keys(upload)}
    held |= {key for stored in StoredFile.objects.iterator() for key in storage_keys(stored)}
    for key in found:
        if key not in held and default_storage.get_modified_time(key) < limit:
            storage.remove([key])
            gone += 1
    return gone


def _stored_keys() -> Iterator[str]:
    """Every key in storage that we made: two letters, and a random name in it."""
    folders, _files = default_storage.listdir("")
    for folder in folders:
        if len(folder) == 2:
            yield from (f"{folder}/{name}" for name in default_storage.listdir(folder)[1])
