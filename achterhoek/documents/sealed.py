"""Files that are encrypted with a key of their own, and who holds that key.

The private key of a file and the name that its uploader gave it lie in its envelope, sealed to the key of who may
open it now: first its organisation's, after the opening the round's. In between, when it is part of a sealed
submission, it has no envelope: the key lies in the package.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from achterhoek.documents import storage
from achterhoek.documents.models import StoredFile, Upload
from achterhoek.sealing import age
from achterhoek.sealing.models import SealingKey
from achterhoek.sealing.services import secret_of

READ = 1024 * 1024
ENVELOPE_STEP = 512


class NoEnvelope(Exception):
    """The file's key is not here: it lies in a sealed package, or nowhere."""


@dataclass(frozen=True)
class FileKey:
    """The private key of a file, and the name that its uploader gave it. The key is shown in no log."""

    secret: str = field(repr=False)
    name: str


def envelope_of(key: FileKey, sealing_key: SealingKey) -> bytes:
    """The envelope: key and name, for the holder of this key alone."""
    content = json.dumps({"key": key.secret, "name": key.name}, sort_keys=True, separators=(",", ":")).encode()
    # All envelopes are of a few lengths, so that they do not tell how long the name is.
    return age.seal(content + b" " * (-len(content) % ENVELOPE_STEP), sealing_key.public)


def key_of(stored: StoredFile | Upload) -> FileKey:
    """The key of a file, out of its envelope. Whoever asks has passed the gate.

    Raises `NoEnvelope`, or what `sealing.services.secret_of` raises.
    """
    if stored.sealing_key is None or not stored.envelope:
        raise NoEnvelope(str(stored.pk))
    content = json.loads(age.unseal(bytes(stored.envelope), secret_of(stored.sealing_key)))
    return FileKey(content["key"], content["name"])


def seal_to(stored: StoredFile, sealing_key: SealingKey, key: FileKey) -> None:
    """Let the holder of this key open the file from now on, and nobody else."""
    if age.public_of(key.secret) != stored.public:
        raise ValueError("this is the key of another file")
    stored.envelope = envelope_of(key, sealing_key)
    stored.sealing_key = sealing_key
    stored.save(update_fields=["envelope", "sealing_key"])


def drop_envelope(files: Iterable[StoredFile]) -> None:
    """Take the keys of these files away: from now on only the package that holds them opens them."""
    held = list(files)
    StoredFile.objects.filter(pk__in=[stored.pk for stored in held]).update(envelope=None, sealing_key=None)
    for stored in held:
        stored.envelope, stored.sealing_key = None, None


def chunks(stored: StoredFile | Upload, secret: str = "") -> Iterator[bytes]:
    """The plain content, piece by piece: never more than one part in memory.

    Raises `FileNotFoundError` where a part is gone, `age.SealBroken` where one was changed,
    `storage.StorageDown` where the store does not answer.
    """
    if isinstance(stored, StoredFile) and not stored.is_sealed:
        with stored.file.open("rb") as content:
            while chunk := content.read(READ):
                yield chunk
        return
    for part in stored.parts:
        plain = age.unseal(storage.get(part["key"]), secret)
        if len(plain) != part["size"]:
            raise age.SealBroken("a part is not as long as it was")
        yield plain


def content_digest(stored: StoredFile, secret: str = "") -> str:
    """The sha256 of the plain content as it lies in storage now. Raises as `chunks` does."""
    digest = hashlib.sha256()
    for chunk in chunks(stored, secret):
        digest.update(chunk)
    return digest.hexdigest()


def thumbnail_of(stored: StoredFile, secret: str) -> bytes:
    """The picture of the first page. Raises as `chunks` does."""
    return age.unseal(storage.get(stored.thumbnail), secret)


def storage_keys(stored: StoredFile | Upload) -> list[str]:
    """All keys in storage that belong to this file."""
    keys = [part["key"] for part in stored.parts]
    if isinstance(stored, StoredFile):
        keys += [key for key in (stored.file.name, stored.thumbnail) if key]
    return keys
