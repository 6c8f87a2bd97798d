"""Writers of stored files: what is accepted in one piece, what the portal makes itself, and what goes."""

from __future__ import annotations

import hashlib
from io import SEEK_END
from typing import IO

from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from achterhoek.accounts.models import User
from achterhoek.documents import storage
from achterhoek.documents.inspection import laid_open, pages_of_pdf
from achterhoek.documents.models import StoredFile
from achterhoek.documents.names import clean_name
from achterhoek.documents.sealed import FileKey, content_digest, envelope_of, storage_keys
from achterhoek.documents.uploads import PDF, SLICE, hashed, pieces, require_size, scanned, sealed_parts
from achterhoek.queue import after_commit
from achterhoek.sealing import age
from achterhoek.sealing.models import SealingKey

__all__ = ["PDF", "accept_pdf", "content_digest", "discard", "sha256_of", "store_bytes", "store_sealed"]


def accept_pdf(
    *,
    upload: UploadedFile,
    kind: str,
    by: User | None,
    sealing_key: SealingKey | None = None,
    max_pages: int | None = None,
    max_bytes: int | None = None,
) -> StoredFile:
    """Take in a PDF that came with a form: judged by its content, not by its name, before anything of it is stored.

    `max_pages` is the limit of the question, `max_bytes` that of the portal where not given. With a `sealing_key`
    it is encrypted to a key of its own, which that key opens; without one it lies there as it is, with its name.
    Raises `RuleViolation` in words that say what to do, `storage.StorageDown` where it cannot be kept.
    """
    require_size(upload.size or 0, max_bytes)
    digest = hashlib.sha256()
    with laid_open(hashed(upload.chunks(1024 * 1024), digest)) as content:
        stored = StoredFile(
            kind=kind, content_type=PDF, size=upload.size or 0, sha256=digest.hexdigest(),
            pages=pages_of_pdf(content, max_pages=max_pages), scan=scanned(content), uploaded_by=by,
        )  # fmt: skip
        name = clean_name(upload.name or "")
        content.seek(0)
        if sealing_key is None:
            return _store(stored, name, File(content, name="upload"))
        return _seal(stored, FileKey(age.new_identity(), name), sealing_key, content)


def store_bytes(*, content: bytes, name: str, content_type: str, kind: str, by: User | None) -> StoredFile:
    """Keep a file that the portal made itself (a letter, a record)."""
    stored = StoredFile(
        kind=kind, content_type=content_type, size=len(content), sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=by,
    )  # fmt: skip
    return _store(stored, name, ContentFile(content))


def store_sealed(
    *, content: IO[bytes], sha256: str, name: str, content_type: str, kind: str, by: User | None,
    sealing_key: SealingKey,
) -> StoredFile:  # fmt: skip
    """Keep a large file that the portal made itself, piece by piece, encrypted to a key of its own.

    `sha256` is that of the content; who may read it is asked at the gate, and `sealing_key` opens it then.
    """
    size = content.seek(0, SEEK_END)
    content.seek(0)
    stored = StoredFile(kind=kind, content_type=content_type, size=size, sha256=sha256, uploaded_by=by)
    key = FileKey(age.new_identity(), name)
    stored.public = age.public_of(key.secret)
    stored.envelope, stored.sealing_key = envelope_of(key, sealing_key), sealing_key
    stored.parts = sealed_parts(pieces(content, SLICE), stored.public)
    _insert(stored)
    return stored


def sha256_of(upload: UploadedFile) -> str:
    """The digest of what came with a form, in hexadecimal. It stands at its beginning again afterwards."""
    digest = hashlib.sha256()
    for piece in upload.chunks():
        digest.update(piece)
    upload.seek(0)
    return digest.hexdigest()


def discard(stored: StoredFile) -> None:
    """Remove a file that nothing refers to any more (a replaced upload of a draft); the bytes go after commit."""
    keys = storage_keys(stored)
    stored.delete()
    transaction.on_commit(lambda: storage.remove(keys))


def _seal(stored: StoredFile, key: FileKey, sealing_key: SealingKey, content: IO[bytes]) -> StoredFile:
    stored.public = age.public_of(key.secret)
    stored.envelope, stored.sealing_key = envelope_of(key, sealing_key), sealing_key
    stored.parts = sealed_parts(pieces(content, SLICE), stored.public)
    _insert(stored)
    after_commit("documents.make_thumbnail", str(stored.pk))
    return stored


def _store(stored: StoredFile, name: str, content: File[bytes]) -> StoredFile:
    stored.name = name
    with storage.told("put"):
        stored.file.save(name, content, save=False)
    _insert(stored)
    return stored


def _insert(stored: StoredFile) -> None:
    try:
        stored.save(force_insert=True)
    except BaseException:
        storage.remove(storage_keys(stored))
        raise
