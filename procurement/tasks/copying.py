"""Copying large files into a draft, in the background."""

from __future__ import annotations

import uuid

from celery import shared_task

from achterhoek.accounts.models import User
from achterhoek.documents.models import Upload
from achterhoek.documents.storage import StorageDown
from achterhoek.errors import RuleViolation
from achterhoek.sealing.keyring import KeyServiceDown
from procurement.services.copying import bring_over


@shared_task(name="procurement.copy_file", autoretry_for=(StorageDown, KeyServiceDown), retry_backoff=5, max_retries=20)
def copy_file(upload: str, source: str, user: int) -> bool:
    """Go on where it was, also after a worker died; nothing where it is done."""
    found = Upload.objects.filter(pk=uuid.UUID(upload), finished_at=None, error="").first()
    by = User.objects.filter(pk=user).first()
    if found is None or by is None:
        return False
    try:
        bring_over(upload=found, source=uuid.UUID(source), by=by)
    except RuleViolation:
        return False  # the upload says why
    return True
