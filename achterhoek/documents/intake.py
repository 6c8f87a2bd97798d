"""What a room says about the files that come in for it: may they still, and where do they belong.

`documents` does not know what a file is for. The room that owns a kind registers that here, from `ready()`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import IO, Any, Protocol, TypeVar

from django.db import transaction

from achterhoek.accounts.models import User
from achterhoek.documents import storage, uploads
from achterhoek.documents.inspection import scratch
from achterhoek.documents.limits import require_room
from achterhoek.documents.models import StoredFile, Upload
from achterhoek.documents.storage import StorageDown
from achterhoek.errors import RuleViolation
from achterhoek.queue import after_commit
from achterhoek.sealing.keyring import KeyServiceDown
from achterhoek.sealing.models import SealingKey

# What passes: the store or the key service does not answer just now.
NOT_NOW = (StorageDown, FileNotFoundError, KeyServiceDown)

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
    """Begin an upload that its room agrees to, while not too much is under way. Raises `RuleViolation`."""
    require_room(sealing_key, size)
    upload = uploads.begin(
        kind=kind, purpose=purpose, name=name, size=size, sealing_key=sealing_key, by=by, max_bytes=max_bytes
    )
    room_of(kind).check(by, upload)
    return upload


def take_whole(
    *,
    kind: str,
    purpose: str,
    name: str,
    size: int,
    sealing_key: SealingKey,
    by: User,
    stream: uploads.Readable,
    max_bytes: int | None = None,
) -> tuple[Upload, StoredFile | None]:
    """Take in a small file that comes along with its announcement: stored and judged while it comes, written at once.

    It ends as the upload that it would have been in pieces: a file that is attached, or refused (`upload.error`); what
    broke off, or could not be judged now, goes on as any other. Raises `RuleViolation` where its room does not agree,
    `uploads.TooManyBytes` and `StorageDown`; then nothing is kept.
    """
    upload = uploads.new(
        kind=kind, purpose=purpose, name=name, size=size, sealing_key=sealing_key, by=by, max_bytes=max_bytes
    )
    room_of(kind).check(by, upload)
    with scratch() as content:
        try:
            sha256 = uploads.take_whole(upload, stream, content)
        except BaseException:
            storage.remove([part["key"] for part in upload.parts])
            raise
        if sha256 is not None:
            return upload, _complete_whole(upload, content, sha256, by)
    _keep_what_came(upload)
    return upload, None


def _keep_what_came(upload: Upload) -> None:
    """Of a small file that broke off: its uploader goes on with it, unless too much is under way already."""
    try:
        require_room(upload.sealing_key, upload.size)
    except RuleViolation:
        storage.remove([part["key"] for part in upload.parts])
        raise
    upload.save(force_insert=True)


def _complete_whole(upload: Upload, content: IO[bytes], sha256: str, by: User) -> StoredFile | None:
    room, parts, envelope = room_of(upload.kind), upload.parts, upload.envelope
    try:
        judged = uploads.judge_open(content, sha256, max_pages=room.max_pages(upload))
        with transaction.atomic():
            stored = uploads.keep_whole(upload, judged)
            room.attach(by, upload, stored)
            return stored
    except RuleViolation as violation:
        upload.parts, upload.finished_at = parts, None
        uploads.refuse_whole(upload, violation.message)
    except NOT_NOW:
        # The bytes are safe: a worker judges them.
        upload.parts, upload.envelope, upload.finished_at = parts, envelope, None
        upload.save(force_insert=True)
        after_commit("documents.finish_upload", str(upload.pk), by.pk)
    return None


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
