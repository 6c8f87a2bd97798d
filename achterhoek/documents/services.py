"""Writers of stored files: what is accepted, and how it is kept."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import IO, Any, BinaryIO, cast

import pikepdf
from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from achterhoek.accounts.models import User
from achterhoek.documents.models import StoredFile
from achterhoek.errors import RuleViolation

PDF = "application/pdf"
CHUNK = 64 * 1024
# A tagged document of hundreds of pages has some ten thousands; each is looked at, which takes time.
MAX_PDF_OBJECTS = 100_000


def accept_pdf(
    *,
    upload: UploadedFile,
    kind: str,
    by: User | None,
    max_pages: int | None = None,
    max_bytes: int | None = None,
) -> StoredFile:
    """Take in an uploaded PDF: judged by its content, not by its name; hashed while it is copied.

    `max_pages` is the limit of the question, `max_bytes` that of the portal where not given.
    Raises `RuleViolation` in words that say what to do: empty, too large, not a PDF, broken,
    encrypted, with scripts or files inside, too many pages.
    """
    limit = max_bytes or settings.MAX_UPLOAD_BYTES
    if not upload.size:
        raise RuleViolation(_("This file is empty. Choose the file again."))
    if upload.size > limit:
        raise RuleViolation(
            _("This file is %(size)s. At most %(limit)s is allowed. Make the file smaller and try again.")
            % {"size": filesizeformat(upload.size), "limit": filesizeformat(limit)}
        )
    with tempfile.TemporaryFile() as copy:
        digest = _copy_hashed(upload.chunks(CHUNK), copy)
        pages = _inspect_pdf(copy)
        if max_pages is not None and pages > max_pages:
            raise RuleViolation(
                ngettext(
                    "This file has %(pages)s pages. At most %(limit)s page is allowed.",
                    "This file has %(pages)s pages. At most %(limit)s pages are allowed.",
                    max_pages,
                )
                % {"pages": pages, "limit": max_pages}
            )
        copy.seek(0)
        return _store(
            File(copy, name="upload"),
            kind=kind, name=_clean_name(upload.name or ""), content_type=PDF, size=upload.size,
            sha256=digest, pages=pages, by=by,
        )  # fmt: skip


def store_bytes(*, content: bytes, name: str, content_type: str, kind: str, by: User | None) -> StoredFile:
    """Keep a file that the portal made itself (a letter, a record)."""
    return _store(
        ContentFile(content), kind=kind, name=name, content_type=content_type, size=len(content),
        sha256=hashlib.sha256(content).hexdigest(), pages=None, by=by,
    )  # fmt: skip


def discard(stored: StoredFile) -> None:
    """Remove a file that nothing refers to any more (a replaced upload of a draft); the bytes go after commit."""
    storage, key = stored.file.storage, stored.file.name
    stored.delete()
    transaction.on_commit(lambda: storage.delete(key))


def content_digest(stored: StoredFile) -> str:
    """The sha256 of the bytes as they lie in storage now. Raises FileNotFoundError where they are gone."""
    digest = hashlib.sha256()
    with stored.file.open("rb") as content:
        while chunk := content.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _copy_hashed(chunks: Iterable[bytes], target: IO[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
        target.write(chunk)
    target.seek(0)
    return digest.hexdigest()


def _inspect_pdf(content: IO[bytes]) -> int:
    """The number of pages of a PDF that is safe to show to others."""
    if b"%PDF-" not in content.read(1024):
        raise RuleViolation(_("This is not a PDF file. Save your document as PDF and upload it again."))
    content.seek(0)
    try:
        with pikepdf.open(cast(BinaryIO, content)) as pdf:
            if pdf.is_encrypted:
                raise RuleViolation(_("This PDF is protected. Save it without a password and upload it again."))
            if len(pdf.objects) > MAX_PDF_OBJECTS:
                raise RuleViolation(
                    _("This PDF has too many parts to check. Save it anew as a plain PDF and upload it again.")
                )
            for part in _dictionaries(pdf):
                _refuse_active_content(part)
            if pages := len(pdf.pages):
                return pages
            raise ValueError("a document without pages")
    except pikepdf.PasswordError as error:
        raise RuleViolation(_("This PDF is protected. Save it without a password and upload it again.")) from error
    # What the parts of a file made by hand can be is not what the library expects of them.
    except (
        pikepdf.PdfError,
        ArithmeticError,
        AttributeError,
        LookupError,
        RuntimeError,
        TypeError,
        ValueError,
    ) as error:
        raise RuleViolation(_("This PDF is damaged. Make it anew from your document and upload it again.")) from error


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Every dictionary of the file, wherever it hangs: of the document, of a page, under a button."""
    for whole in pdf.objects:
        parts: list[Any] = [whole]
        while parts:
            part = parts.pop()
            held: Iterable[Any] = ()
            if isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
                yield part
                held = (value for _key, value in part.items())
            elif isinstance(part, pikepdf.Array):
                held = part
            parts += [value for value in held if isinstance(value, pikepdf.Object) and not value.is_indirect]


def _refuse_active_content(part: Any) -> None:
    action = part.get("/S")
    if action in (pikepdf.Name.JavaScript, pikepdf.Name.Launch) or ("/JS" in part and "/S" in part):
        raise RuleViolation(_("This PDF contains a script. Save it as a plain PDF and upload it again."))
    if part.get("/Type") == pikepdf.Name.EmbeddedFile or ("/EF" in part and ("/F" in part or "/UF" in part)):
        raise RuleViolation(_("This PDF has files inside. Save it as a plain PDF and upload those files apart."))


def _clean_name(name: str) -> str:
    """The last part of the given name, without control characters, and short enough to keep."""
    plain = "".join(c for c in PurePath(name.replace("\\", "/")).name if c.isprintable()).strip()
    return plain[-200:] or "document.pdf"


def _store(
    content: File[bytes],
    *,
    kind: str,
    name: str,
    content_type: str,
    size: int,
    sha256: str,
    pages: int | None,
    by: User | None,
) -> StoredFile:
    stored = StoredFile(
        kind=kind, name=name, content_type=content_type, size=size, sha256=sha256, pages=pages, uploaded_by=by
    )
    stored.file.save(name, content, save=False)
    storage, key = stored.file.storage, stored.file.name
    try:
        stored.save(force_insert=True)
    except BaseException:
        storage.delete(key)
        raise
    return stored
