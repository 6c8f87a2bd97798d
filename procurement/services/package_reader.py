"""A submission's package as its team keeps it: a ZIP that may come from anywhere, read within limits.

`answers.json` (`submission-export/1`, see `procurement.domain.proof`) says what was answered; a file answer names the
entry that holds it:

    {"format": "submission-export/1", "segments": ["logeren"],
     "answers": [{"segment": "", "question": "V1", "kind": "text", "salt": "...", "value": "..."},
                 {"segment": "logeren", "question": "V2", "kind": "file",
                  "file": {"path": "files/1-plan.pdf", "name": "plan.pdf", "sha256": "...", "size": 1234}}],
     "requirements": [{"segment": "", "requirement": "E1", "salt": "...", "meets": true, "explanation": ""}]}

Other entries (a receipt, a text to read) are left alone. Nothing is unpacked to a path that the ZIP chooses.
"""

from __future__ import annotations

import hashlib
import re
import stat
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any, NamedTuple

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from achterhoek.documents.inspection import scratch
from achterhoek.documents.names import clean_name
from achterhoek.errors import RuleViolation
from procurement.domain.package import PackedAnswer, PackedConfirmation, PackedFile
from procurement.domain.proof import PACKAGE_NAME, Unreadable
from procurement.domain.proof import read_package as read_answers
from procurement.enums import QuestionKind

MAX_ENTRIES = 2000
MAX_PACKAGE_BYTES = 8 * 1024**3
MAX_ANSWERS_BYTES = 8 * 1024**2
# How many bytes one byte of a ZIP may become: PDF and text stay far below, a bomb does not.
MAX_RATIO = 200
SMALL = 1024**2
# The list of what is in a ZIP is read in one go, and so is no other piece: this keeps it small.
MAX_READ = 4 * 1024**2
STEP = 1024**2
# What fits where numbers are kept: 12 digits before the point and 4 behind it.
PLAIN_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,4})?")
KINDS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError,
    NotImplementedError, RecursionError,
)  # fmt: skip


class _Bounded:
    """A file that is never read in pieces larger than `MAX_READ`, whatever a ZIP says of itself."""

    def __init__(self, content: IO[bytes]) -> None:
        self.content = content
        self.seek, self.tell, self.seekable = content.seek, content.tell, content.seekable

    def read(self, size: int = -1) -> bytes:
        if size > MAX_READ:
            raise ValueError("a piece that is too large")
        return self.content.read(size if size >= 0 else MAX_READ)


@dataclass(frozen=True)
class OwnFile:
    """A file in a package."""

    zip: zipfile.ZipFile
    path: str
    name: str
    sha256: str
    size: int

    def uploaded(self) -> UploadedFile:
        """Its content as if it had come in on its own. Raises `RuleViolation` where it is not what the package says."""
        target, digest, size = scratch(), hashlib.sha256(), 0
        try:
            with self.zip.open(self.path) as source:
                while piece := source.read(STEP):
                    target.write(piece)
                    digest.update(piece)
                    size += len(piece)
        except BROKEN as error:
            target.close()
            raise damaged() from error
        if digest.hexdigest() != self.sha256 or size != self.size:
            target.close()
            raise RuleViolation(_("%(name)s in your package is not the file that it should be.") % {"name": self.name})
        target.seek(0)
        return UploadedFile(target, self.name, "application/pdf", size)


class OwnPackage(NamedTuple):
    """What is in a package. The `file.id` of an answer is its key in `files`. No `segments`: it does not name them."""

    answers: list[PackedAnswer]
    requirements: list[PackedConfirmation]
    files: dict[str, OwnFile]
    segments: list[str]


def damaged() -> RuleViolation:
    """In words for whoever chose the file."""
    return RuleViolation(
        _("This is not a package of this portal, or it is damaged. Choose the ZIP file that you downloaded, unchanged.")
    )


def read_package(content: IO[bytes]) -> OwnPackage:
    """Read the package in an open file. Files are read only when they are asked for (`OwnFile.uploaded`).

    Raises `RuleViolation` for anything that is no package or goes over a limit: too many entries, a bomb, entries
    that overlap, links, paths that lead elsewhere, a password, names that stand in it twice.
    """
    try:
        size = content.seek(0, 2)
        content.seek(0)
        found = zipfile.ZipFile(_Bounded(content))  # type: ignore[arg-type]
        entries = _entries(found, size)
        held = read_answers(_answers_of(found, entries))
        return _package(found, entries, held)
    except (Unreadable, *BROKEN) as error:
        raise damaged() from error


def plain_value(answer: PackedAnswer) -> Any:
    """An answer that is no file, as a form would give it. Raises `RuleViolation` where it is none of its kind."""
    if answer.file is None:
        if answer.kind == QuestionKind.TEXT:
            return answer.value
        if answer.kind == QuestionKind.BOOLEAN and answer.value in ("true", "false"):
            return answer.value == "true"
        if answer.kind in (QuestionKind.NUMBER, QuestionKind.PRICE) and PLAIN_NUMBER.fullmatch(answer.value):
            return Decimal(answer.value)
    raise damaged()


def _entries(found: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    """The files in a ZIP by name, none of which can do harm. Raises `RuleViolation` or `ValueError`."""
    listed = found.infolist()
    plain = [info for info in listed if not info.is_dir()]
    unpacked = sum(info.file_size for info in plain)
    if len(listed) > MAX_ENTRIES or max(size, unpacked) > MAX_PACKAGE_BYTES:
        raise RuleViolation(_("This package is too large, or there are too many files in it."))
    if sum(info.compress_size for info in plain) > size:
        raise ValueError("entries overlap")
    for info in plain:
        _require_harmless(info)
    if len({info.filename.casefold() for info in plain}) != len(plain):
        raise ValueError("a name twice")
    return {info.filename: info for info in plain}


def _require_harmless(info: zipfile.ZipInfo) -> None:
    parts = info.filename.split("/")
    wrong_path = "\\" in info.filename or ":" in parts[0] or any(part in ("", ".", "..") for part in parts)
    if wrong_path or not info.filename.isprintable() or stat.S_ISLNK(info.external_attr >> 16):
        raise ValueError("a path that leads elsewhere")
    if info.flag_bits & 0x1 or info.compress_type not in KINDS:
        raise ValueError("locked, or packed in another way")
    if info.file_size > SMALL + MAX_RATIO * info.compress_size:
        raise RuleViolation(_("This package is packed in a way that we do not accept: it would become far too large."))


def _answers_of(found: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]) -> bytes:
    info = entries[PACKAGE_NAME]
    if info.file_size > MAX_ANSWERS_BYTES:
        raise ValueError("too many answers")
    pieces = []
    with found.open(info) as source:
        while piece := source.read(STEP):
            pieces.append(piece)
    return b"".join(pieces)


def _package(
    found: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo], held: Mapping[str, Any]
) -> OwnPackage:  # fmt: skip
    files: dict[str, OwnFile] = {}
    answers = []
    for line in held.get("answers", []):
        head = (_text(line, "segment"), _text(line, "question"), _text(line, "kind"))
        if "file" not in line:
            answers.append(PackedAnswer(*head, salt=_salt(line), value=_text(line, "value")))
            continue
        own = _file(found, entries, line["file"])
        if own.path in files:
            raise ValueError("a file that is two answers")
        files[own.path] = own
        packed = PackedFile(own.path, "", own.name, own.sha256, own.size, None)
        answers.append(PackedAnswer(*head, file=packed))
    requirements = [_confirmation(line) for line in held.get("requirements", [])]
    _require_once([(a.segment, a.question) for a in answers])
    _require_once([(r.segment, r.requirement) for r in requirements])
    segments = held.get("segments", [])
    if not isinstance(segments, list) or not all(isinstance(slug, str) for slug in segments):
        raise ValueError("segments")
    return OwnPackage(answers, requirements, files, segments)


def _file(found: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo], line: Mapping[str, Any]) -> OwnFile:
    # The name ends up in a header and on the pages of officials.
    path, name = _text(line, "path"), clean_name(_text(line, "name"))
    info = entries[path]
    if info.file_size > settings.MAX_UPLOAD_BYTES:
        raise RuleViolation(_("%(name)s in your package is too large.") % {"name": name})
    return OwnFile(found, path, name, _text(line, "sha256"), info.file_size)


def _confirmation(line: Mapping[str, Any]) -> PackedConfirmation:
    if not isinstance(line["meets"], bool):
        raise ValueError("meets")
    return PackedConfirmation(
        _text(line, "segment"), _text(line, "requirement"), _salt(line), line["meets"],
        _text(line, "explanation"),
    )  # fmt: skip


def _salt(line: Mapping[str, Any]) -> str:
    """The salt of a digest over `salt:value`. With a colon in it the same digest would fit another answer as well."""
    salt = _text(line, "salt")
    if ":" in salt:
        raise ValueError("salt")
    return salt


def _text(line: Mapping[str, Any], name: str) -> str:
    """A text of a line, as it can be kept: PostgreSQL knows no NUL."""
    value = line[name]
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError(name)
    value.encode()  # half a character (a lone surrogate) raises
    return value


def _require_once(places: list[tuple[str, str]]) -> None:
    if len(set(places)) != len(places):
        raise ValueError("an answer that stands in it twice")
