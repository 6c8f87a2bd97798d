"""Files that come in, in pieces: encrypted while they arrive, judged when they are whole.

What an upload says it received (`offset`) is safe: encrypted to the file's own key, and on disk. A piece is stored
first and counted second, so whatever dies in between costs at most that piece, which the uploader sends again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any, Protocol

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.selectors import is_rush
from achterhoek.documents import storage
from achterhoek.documents.inspection import laid_open, pages_of_pdf
from achterhoek.documents.models import Scan, StoredFile, Upload
from achterhoek.documents.names import clean_name
from achterhoek.documents.scan import scan
from achterhoek.documents.sealed import FileKey, chunks, envelope_of, key_of
from achterhoek.errors import RuleViolation
from achterhoek.queue import after_commit
from achterhoek.sealing import age
from achterhoek.sealing.models import SealingKey
from achterhoek.sizes import format_size

PDF = "application/pdf"
SLICE = 4 * 1024 * 1024
READ = 64 * 1024
# Who sends a file byte by byte would make its list of parts endless.
MAX_PARTS = 5000


class Hash(Protocol):
    """A digest that is being computed."""

    def update(self, content: bytes, /) -> None: ...


class Readable(Protocol):
    """Something that bytes come out of, once."""

    def read(self, size: int = ..., /) -> bytes: ...


class OffsetConflict(Exception):
    """This piece does not begin where the last one ended. `offset` is where it should begin."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class TooManyBytes(Exception):
    """More came in than was announced; nothing of the surplus is kept."""


@dataclass(frozen=True)
class Judged:
    """What was found out about a whole file."""

    sha256: str
    pages: int
    scan: Scan


def require_size(size: int, limit: int | None = None) -> None:
    """Not empty, and not over the limit of the question or of the portal. Raises `RuleViolation`."""
    limit = limit or settings.MAX_UPLOAD_BYTES
    if size <= 0:
        raise RuleViolation(_("This file is empty. Choose the file again."))
    if size > limit:
        raise RuleViolation(
            _("This file is %(size)s. At most %(limit)s is allowed. Make the file smaller and try again.")
            % {"size": format_size(size), "limit": format_size(limit)}
        )


def begin(
    *, kind: str, purpose: str, name: str, size: int, sealing_key: SealingKey, by: User, max_bytes: int | None = None
) -> Upload:
    """Announce a file. Raises `RuleViolation` where its size cannot be."""
    upload = new(kind=kind, purpose=purpose, name=name, size=size, sealing_key=sealing_key, by=by, max_bytes=max_bytes)
    upload.save(force_insert=True)
    return upload


def new(
    *, kind: str, purpose: str, name: str, size: int, sealing_key: SealingKey, by: User, max_bytes: int | None = None
) -> Upload:
    """The same, not written yet."""
    require_size(size, max_bytes)
    key = FileKey(age.new_identity(), clean_name(name))
    return Upload(
        kind=kind, purpose=purpose, size=size, public=age.public_of(key.secret),
        envelope=envelope_of(key, sealing_key), sealing_key=sealing_key, by=by,
    )  # fmt: skip


def take_whole(upload: Upload, stream: Readable, content: IO[bytes]) -> str | None:
    """Store all that this stream gives for an upload that is not written yet, and lay it open in `content`.

    The sha256 of it; None where the stream broke off. Raises `TooManyBytes` and `storage.StorageDown`; what was
    stored until then stands in `upload.parts`.
    """
    digest, cut = hashlib.sha256(), False
    while upload.offset < upload.size:
        left = upload.size - upload.offset
        piece, cut = _read_slice(stream, min(SLICE, left))
        if piece:
            upload.parts.append({"key": storage.put(age.seal(piece, upload.public)), "size": len(piece)})
            upload.offset += len(piece)
            digest.update(piece)
            with storage.told("scratch"):
                content.write(piece)
        if cut:
            return None
    if stream.read(1):
        raise TooManyBytes
    content.flush()
    return digest.hexdigest()


def append(*, upload: Upload, offset: int, stream: Readable) -> Upload:
    """Take in what this stream gives, from this offset on, slice by slice; what came before a cut is kept.

    Raises `OffsetConflict`, `TooManyBytes`, `storage.StorageDown`, and `RuleViolation` for an upload that is over.
    """
    upload.refresh_from_db()
    _require_running(upload)
    if offset != upload.offset:
        raise OffsetConflict(upload.offset)
    cut = False
    while upload.offset < upload.size and not cut:
        left = upload.size - upload.offset
        piece, cut = _read_slice(stream, min(SLICE, left))
        if len(piece) == left and not cut and stream.read(1):
            raise TooManyBytes
        if piece:
            upload = _add(upload, piece)
    return upload


def _read_slice(stream: Readable, size: int) -> tuple[bytes, bool]:
    """So many bytes, or fewer where the stream ended or broke off; then also True."""
    pieces: list[bytes] = []
    left = size
    while left:
        try:
            piece = stream.read(min(READ, left))
        except OSError:
            piece = b""
        if not piece:
            return b"".join(pieces), True
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces), False


def _add(upload: Upload, piece: bytes) -> Upload:
    """Store a slice, then count it. Where another request was first, ours is not counted and goes."""
    key = storage.put(age.seal(piece, upload.public))
    try:
        with transaction.atomic():
            locked = Upload.objects.select_for_update().get(pk=upload.pk)
            _require_running(locked)
            if locked.offset != upload.offset:
                raise OffsetConflict(locked.offset)
            locked.parts = [*locked.parts, {"key": key, "size": len(piece)}]
            locked.offset += len(piece)
            locked.changed_at = timezone.now()
            locked.save(update_fields=["parts", "offset", "changed_at"])
    except BaseException:
        storage.remove([key])
        raise
    return locked


def _require_running(upload: Upload) -> None:
    if upload.error:
        raise RuleViolation(upload.error)
    if upload.finished_at is not None:
        raise RuleViolation(_("This file has come in already. Load the page again."))
    if len(upload.parts) >= MAX_PARTS:
        raise RuleViolation(_("This file came in in too many small pieces. Remove it and choose the file again."))


def finish(*, upload: Upload, max_pages: int | None = None) -> StoredFile:
    """Judge a file that came in whole, and keep it. Doing it twice gives the same file.

    Raises `OffsetConflict` while it is not whole, `RuleViolation` where it is refused (see `refuse`).
    """
    upload.refresh_from_db()
    if kept := kept_file(upload):
        return kept
    return keep(upload=upload, judged=judge(upload, max_pages=max_pages))


def kept_file(upload: Upload) -> StoredFile | None:
    """The file that an upload became: it has the upload's own identity."""
    if upload.finished_at is None:
        return None
    return StoredFile.objects.filter(pk=upload.pk).first()


def judge(upload: Upload, *, max_pages: int | None = None) -> Judged:
    """Read the whole file back out of storage and look at it. Writes nothing, and holds no lock."""
    _require_running(upload)
    if upload.offset != upload.size:
        raise OffsetConflict(upload.offset)
    key = key_of(upload)
    digest = hashlib.sha256()
    with laid_open(hashed(chunks(upload, key.secret), digest)) as content:
        return judge_open(content, digest.hexdigest(), max_pages=max_pages)


def judge_open(content: IO[bytes], sha256: str, *, max_pages: int | None = None) -> Judged:
    """The same, where it lies open already."""
    pages = pages_of_pdf(content, max_pages=max_pages)
    return Judged(sha256, pages, scanned(content))


def hashed(chunks: Iterable[bytes], digest: Hash) -> Iterator[bytes]:
    """The same pieces, each counted in the digest on its way."""
    for chunk in chunks:
        digest.update(chunk)
        yield chunk


def scanned(content: IO[bytes]) -> Scan:
    """What the scanner says of this content; raises `RuleViolation` where it found a virus."""
    content.seek(0)
    found = scan(pieces(content))
    if found == Scan.INFECTED:
        raise RuleViolation(
            _("The virus scanner found something in this file, so it was not kept. Scan your computer, and make the "
              "file anew.")
        )  # fmt: skip
    return found


def pieces(content: IO[bytes], size: int = 1024 * 1024) -> Iterator[bytes]:
    """What is in an open file, in pieces of this many bytes: they fit in memory."""
    while piece := content.read(size):
        yield piece


@transaction.atomic
def keep(*, upload: Upload, judged: Judged) -> StoredFile:
    """Make a judged upload a file. Its key goes along; nothing of it stays with the upload."""
    locked = Upload.objects.select_for_update().get(pk=upload.pk)
    return kept_file(locked) or keep_locked(locked, judged)


def keep_locked(locked: Upload, judged: Judged) -> StoredFile:
    """The same, where the row is locked already and was not finished."""
    _require_running(locked)
    if locked.offset != locked.size:
        raise OffsetConflict(locked.offset)
    stored = _stored(locked, judged)
    locked.finished_at = locked.changed_at = timezone.now()
    _let_go(locked)
    return stored


def _stored(upload: Upload, judged: Judged) -> StoredFile:
    stored = StoredFile(
        id=upload.pk, kind=upload.kind, parts=upload.parts, public=upload.public, envelope=bytes(upload.envelope),
        sealing_key=upload.sealing_key, scan=judged.scan, content_type=PDF, size=upload.size,
        sha256=judged.sha256, pages=judged.pages, uploaded_by_id=upload.by_id,
    )  # fmt: skip
    stored.save(force_insert=True)
    if not is_rush():  # the clock asks for it afterwards
        after_commit("documents.make_thumbnail", str(stored.pk))
    return stored


def keep_whole(upload: Upload, judged: Judged) -> StoredFile:
    """Make a file of an upload that came in one piece; the upload itself is written as what is over already."""
    stored = _stored(upload, judged)
    upload.finished_at = timezone.now()
    _write_over(upload)
    return stored


def refuse_whole(upload: Upload, message: str) -> None:
    """Write down why a file that came in one piece was not taken in. Nothing of it is kept."""
    storage.remove([part["key"] for part in upload.parts])
    upload.error = message
    _write_over(upload)


def _write_over(upload: Upload) -> None:
    upload.parts, upload.envelope = [], b""
    upload.save(force_insert=True)


@transaction.atomic
def refuse(*, upload: Upload, message: str) -> None:
    """Say why a file was not taken in; what came in of it goes after the commit."""
    locked = Upload.objects.select_for_update().get(pk=upload.pk)
    if locked.finished_at is not None or locked.error:
        return
    keys = [part["key"] for part in locked.parts]
    locked.error = message
    locked.changed_at = timezone.now()
    _let_go(locked)
    transaction.on_commit(lambda: storage.remove(keys))


@transaction.atomic
def cancel(*, upload: Upload) -> None:
    """The uploader does not want it any more: it never was."""
    locked = Upload.objects.select_for_update().filter(pk=upload.pk).first()
    if locked is None:
        return
    keys = [part["key"] for part in locked.parts]
    locked.delete()
    transaction.on_commit(lambda: storage.remove(keys))


def _let_go(upload: Upload) -> None:
    """The upload itself keeps neither the parts nor what opens them."""
    upload.parts, upload.envelope = [], b""
    upload.save(update_fields=["parts", "envelope", "error", "finished_at", "changed_at"])


def sealed_parts(content: Iterator[bytes], public: str) -> list[dict[str, Any]]:
    """Store plain content encrypted, slice by slice; nothing is left behind where that fails half-way."""
    parts: list[dict[str, Any]] = []
    try:
        for piece in content:
            parts.append({"key": storage.put(age.seal(piece, public)), "size": len(piece)})
    except BaseException:
        storage.remove(part["key"] for part in parts)
        raise
    return parts
