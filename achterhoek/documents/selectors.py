"""Questions about stored files."""

from __future__ import annotations

import uuid

from achterhoek.documents.models import StoredFile


def find_file(pk: uuid.UUID) -> StoredFile | None:
    """The row of a file. Whoever asks must still pass `achterhoek.documents.gate`."""
    return StoredFile.objects.filter(pk=pk).first()
