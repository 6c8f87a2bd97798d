"""What a room says about the files that come in for it: may they still, and where do they belong.

`documents` does not know what a file is for. The room that owns a kind registers that here, from `ready()`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from django.db import transaction

from achterhoek.accounts.models import User
from achterhoek.documents import uploads
from achterhoek.documents.models import StoredFile, Upload
from achterhoek.errors import RuleViolation
from achterhoek.sealing.models import SealingKey

# Up to so many bytes a file is judged while its uploader waits; a larger one is left to a worker.
AT_ONCE = 32 * 1024 * 1024
# An upload that nothing came in for during so long is swept away.
LIFETIME = timedelta(days=1)


class Room(Protocol):
    """What the room that owns a kind of files answers."""

    def check(self, user: Any, upload: Upload) -> None:
        """Asked before every piece. Raises `RuleViolation` where this user may add nothing (any more)."""

    def max_pages(self, upload: Upload) -> int | None:
        """How many pages the question allows; None where it does not say."""

    def attach(self, user: Any, upload: Upload, stored: StoredFile) -> None:
        """Put the file where it belongs, once, in the transaction that makes it. `RuleViolation` refuses it."""


_rooms: dict[str, Room] = {}
_R = TypeVar("_R", bound=type)


def takes(kind: str) -> Callable[[_R], _R]:
    """Declare the class (of a `Room`) that answers for files of this kind."""

    def register(room: _R) -> _R:
        if kind in _rooms:
            raise ValueError(f"files of kind {kind} have a room already")
        _rooms[kind] = room()
        return room

    return register


def room_of(kind: str) -> Room:
    """The room of a kind; `KeyError` is a mistake of ours."""
    return _rooms[kind]


@transaction.atomic
def open_upload(
    *, kind: str, purpose: str, name: str, size: int, sealing_key: SealingKey, by: User, max_bytes: int | None = None
) -> Upload:
    """Begin an upload that its room agrees to. Raises `RuleViolation`."""
    upload = uploads.begin(
        kind=kind, purpose=purpose, name=name, size=size, sealing_key=sealing_key, by=by, max_bytes=max_bytes
    )
    room_of(kind).check(by, upload)
    return upload


def find_upload(user: Any, pk: uuid.UUID) -> Upload | None:
    """An upload of this user, or one that this user may go on with; for others it does not exist."""
    upload = Upload.objects.filter(pk=pk).select_related("sealing_key").first()
    if upload is None or upload.by_id == user.pk:
        return upload
    try:
        room_of(upload.kind).check(user, upload)
    except RuleViolation:
        return None
    return upload


def expires_at(upload: Upload) -> datetime:
    """When an upload that nothing more comes in for is swept away."""
    return upload.changed_at + LIFETIME


def complete(*, upload: Upload, by: User) -> StoredFile | None:
    """Judge an upload that came in whole and hand it to its room; None where it was refused (the upload says why).

    May be called twice, also at once, and may die half-way: the file is made and attached once, in one transaction.
    """
    upload = Upload.objects.select_related("sealing_key").get(pk=upload.pk)
    if upload.finished_at is not None or upload.error:
        return uploads.kept_file(upload)
    room = room_of(upload.kind)
    try:
        judged = uploads.judge(upload, max_pages=room.max_pages(upload))
        with transaction.atomic():
            locked = Upload.objects.select_for_update().get(pk=upload.pk)
            if locked.finished_at is not None or locked.error:
                return uploads.kept_file(locked)
            locked.sealing_key = upload.sealing_key
            stored = uploads.keep_locked(locked, judged)
            room.attach(by, locked, stored)
            return stored
    except RuleViolation as violation:
        uploads.refuse(upload=upload, message=violation.message)
        return None
