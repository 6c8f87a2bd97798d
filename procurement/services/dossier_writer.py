"""Writing a dossier as ZIP, part by part into a scratch file: never more than a piece of one part in memory.

Parts are not compressed and carry no times, so that the same parts in the same order give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder

from achterhoek.accounts.models import User
from achterhoek.documents import sealed
from achterhoek.documents.gate import open_for
from achterhoek.documents.models import StoredFile
from achterhoek.documents.storage import StorageDown
from achterhoek.sealing.age import SealBroken
from procurement.domain.dossier_file import Line
from procurement.services.dossier_zip import EPOCH, PLAIN_FILE, UNIX

BROKEN = "Het bestand kan niet worden gelezen, of is niet meer hetzelfde als toen het werd bewaard."
WITHHELD = "Het bestand mag of kan nu niet worden geopend."


@dataclass(frozen=True)
class Part:
    """One file of the dossier: where it stands in it, what it is, and its content piece by piece."""

    path: str
    about: str
    content: Iterable[bytes] = field(repr=False)


@dataclass(frozen=True)
class FilePart:
    """A stored file that goes into the dossier, read through the gate of files."""

    path: str
    about: str
    stored: StoredFile


def json_part(path: str, about: str, value: Any) -> Part:
    """A part that is JSON, for people and machines alike."""
    text = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1, sort_keys=True)
    return Part(path, about, [text.encode(), b"\n"])


def lines_part(path: str, about: str, rows: Iterable[Any]) -> Part:
    """A part with one JSON value a line: for what may be long."""
    return Part(path, about, _lines(rows))


def _lines(rows: Iterable[Any]) -> Iterator[bytes]:
    for row in rows:
        yield json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True).encode() + b"\n"


class DossierWriter:
    """A dossier that is being written into `target`, a file that can be sought in."""

    def __init__(self, target: IO[bytes], by: User) -> None:
        self.archive = zipfile.ZipFile(target, "w", zipfile.ZIP_STORED)
        self.by = by
        self.lines: list[Line] = []
        self.left_out: list[dict[str, str]] = []

    def add(self, part: Part | FilePart) -> None:
        """Write one part. A file that cannot be opened is left out, and the index says so."""
        if isinstance(part, Part):
            self._write(part.path, part.about, part.content)
            return
        key = open_for(self.by, part.stored)
        if key is None:
            self.left_out.append({"path": part.path, "why": WITHHELD})
            return
        # Read once before it is written: a part that broke off half-way would spoil the archive.
        try:
            sound = sealed.content_digest(part.stored, key.secret) == part.stored.sha256
        except (FileNotFoundError, SealBroken, StorageDown):
            sound = False
        if sound:
            self._write(part.path, part.about, sealed.chunks(part.stored, key.secret))
        else:
            self.left_out.append({"path": part.path, "why": BROKEN})

    def plain(self, path: str, content: bytes) -> None:
        """Write what the index does not name: itself, and the digests."""
        self._write_entry(path, [content])

    def close(self) -> None:
        """Write the list of what is in it; without that it is no archive."""
        self.archive.close()

    def _write(self, path: str, about: str, content: Iterable[bytes]) -> None:
        size, digest = self._write_entry(path, content)
        self.lines.append(Line(path, size, digest, about))

    def _write_entry(self, path: str, content: Iterable[bytes]) -> tuple[int, str]:
        entry = zipfile.ZipInfo(path, EPOCH)
        entry.create_system, entry.external_attr = UNIX, PLAIN_FILE
        digest, size = hashlib.sha256(), 0
        with self.archive.open(entry, "w", force_zip64=True) as target:
            for chunk in content:
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
        return size, digest.hexdigest()
