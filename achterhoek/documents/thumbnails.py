"""The picture of a file's first page, so that an uploader sees that it is the right one."""

from __future__ import annotations

import uuid

import structlog
from django.db import transaction

from achterhoek.documents import confined, storage
from achterhoek.documents.inspection import laid_open
from achterhoek.documents.models import Scan, StoredFile
from achterhoek.documents.sealed import NoEnvelope, chunks, key_of
from achterhoek.sealing import age
from achterhoek.sealing.services import KeyWithheld

logger = structlog.get_logger(__name__)

WIDTH = 240
CPU_SECONDS = 10


def make_thumbnail(pk: uuid.UUID) -> bool:
    """Draw the first page and keep it sealed to the file's own key; whether there is one now.

    Not for a file that waits for the scanner, nor for one that was handed in meanwhile (its key is sealed away),
    nor for one that cannot be drawn: the page then shows no picture.
    """
    stored = StoredFile.objects.select_related("sealing_key").filter(pk=pk).first()
    if stored is None or not stored.is_sealed or stored.scan in (Scan.WAITING, Scan.INFECTED):
        return False
    if stored.thumbnail:
        return True
    try:
        picture = _drawn(stored, key_of(stored).secret)
    except (NoEnvelope, KeyWithheld):
        return False
    except (confined.Broken, FileNotFoundError, age.SealBroken) as error:
        logger.info("no picture of a file", file=str(pk), error=type(error).__name__)
        return False
    return _keep(stored, storage.put(age.seal(picture, stored.public)))


def _drawn(stored: StoredFile, secret: str) -> bytes:
    with laid_open(chunks(stored, secret)) as content:
        return confined.run("picture", content.fileno(), cpu=CPU_SECONDS, width=WIDTH)


def _keep(stored: StoredFile, key: str) -> bool:
    """Where the file went meanwhile, or has its picture already, this one goes."""
    with transaction.atomic():
        kept = StoredFile.objects.filter(pk=stored.pk, thumbnail="").update(thumbnail=key)
    if not kept:
        storage.remove([key])
    return bool(kept)
