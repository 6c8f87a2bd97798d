"""Where bytes lie: a folder or an S3-compatible store, by random keys that say nothing."""

from __future__ import annotations

import errno
import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, default_storage

logger = structlog.get_logger(__name__)

STORE_ERRORS = (OSError, Boto3Error, BotoCoreError, ClientError)
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class StorageDown(Exception):
    """The store does not answer, or has no room. Nothing of this step was kept; trying again later is right."""


def new_key() -> str:
    """A key that says nothing and cannot be guessed."""
    key = uuid.uuid4().hex
    return f"{key[:2]}/{key}"


def put(content: bytes) -> str:
    """Keep these bytes; their key. They are on disk (or taken in by the store) when this returns."""
    with told("put"):
        return str(default_storage.save(new_key(), ContentFile(content)))


def get(key: str) -> bytes:
    """The bytes of a key. Raises `FileNotFoundError` where they are gone, `StorageDown` where nobody answers."""
    with told("get"), default_storage.open(key, "rb") as content:
        return bytes(content.read())


def remove(keys: Iterable[str]) -> None:
    """Let these go. What cannot be removed now is found by the daily sweep."""
    for key in keys:
        try:
            default_storage.delete(key)
        except STORE_ERRORS as error:
            logger.warning("a stored part could not be removed", error=type(error).__name__)


@contextmanager
def told(step: str) -> Iterator[None]:
    """Say `StorageDown` for whatever the store says; a file that is gone stays `FileNotFoundError`."""
    try:
        yield
    except FileNotFoundError:
        raise
    except STORE_ERRORS as error:
        logger.error(
            "storage is down", step=step, error=type(error).__name__, full=getattr(error, "errno", None) in FULL
        )
        raise StorageDown(step) from error


class DurableFileSystemStorage(FileSystemStorage):
    """A folder whose files survive a power cut: what a receipt promises is on disk before the receipt exists.

    `fsync=False` is for tests. A file that could not be written whole is not left behind.
    """

    def __init__(self, *args: Any, fsync: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fsync = fsync
        self._kept_folders: set[Path] = set()

    def _save(self, name: str, content: File[Any]) -> str:
        path = Path(self.path(name))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb", buffering=0) as target:
                for chunk in content.chunks():
                    _write_all(target, chunk.encode() if isinstance(chunk, str) else chunk)
                if self.fsync:
                    os.fsync(target.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        if self.fsync:
            self._keep(path.parent)
        return name

    def _keep(self, folder: Path) -> None:
        """Write down the entry of the file in its folder, and once for each process that of the folder above it."""
        _sync_folder(folder)
        if folder not in self._kept_folders:
            _sync_folder(folder.parent)
            self._kept_folders.add(folder)


def _write_all(target: Any, chunk: bytes) -> None:
    left = memoryview(chunk)
    while left:
        left = left[target.write(left) :]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
