"""Where files lie: a folder that survives a power cut, and a store that speaks S3."""

from __future__ import annotations

import hashlib
import io
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.core.files.base import ContentFile
from environ import Env, ImproperlyConfigured
from moto.server import ThreadedMotoServer

from achterhoek.documents import intake, sealed, storage, upkeep, uploads
from achterhoek.documents.models import StoredFile, Upload
from achterhoek.documents.services import content_digest, discard
from achterhoek.documents.storage import DurableFileSystemStorage, StorageDown
from achterhoek.documents.thumbnails import make_thumbnail
from achterhoek.settings.files import files_storage
from tests.factories import UserFactory
from tests.factories.documents import KIND, MEGABYTE, pdf, test_key
from tests.uploading import everything_stored


class Given(Env):
    """An environment of the test's own."""

    def __init__(self, **values: str) -> None:
        super().__init__()
        self.ENVIRON = values


def test_a_file_is_on_disk_before_its_key_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    folder = DurableFileSystemStorage(location=str(tmp_path))
    first = folder.save("ab/first", ContentFile(b"content"))
    assert synced == [str(tmp_path / "ab/first"), str(tmp_path / "ab"), str(tmp_path)]
    folder.save("ab/second", ContentFile(b"content"))
    assert synced[3:] == [str(tmp_path / "ab/second"), str(tmp_path / "ab")]
    assert oct((tmp_path / first).stat().st_mode)[-3:] == "600"


def test_the_environment_chooses(tmp_path: Path) -> None:
    folder = files_storage(Given(), folder=tmp_path)
    assert folder["OPTIONS"] == {"location": str(tmp_path)}
    other = files_storage(Given(FILES_STORAGE="s3", S3_BUCKET="b", S3_ENDPOINT_URL="http://x"), folder=tmp_path)
    assert (other["OPTIONS"]["bucket_name"], other["OPTIONS"]["endpoint_url"]) == ("b", "http://x")
    with pytest.raises(ImproperlyConfigured):
        files_storage(Given(FILES_STORAGE="ftp"), folder=tmp_path)
    with pytest.raises(ImproperlyConfigured):
        files_storage(Given(FILES_STORAGE="s3"), folder=tmp_path)


@pytest.fixture
def s3(settings: Any) -> Iterator[Any]:
    """A store that speaks S3 over HTTP, on this machine."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "eu-central-1"}
    client = boto3.client("s3", endpoint_url=endpoint, **keys)
    bucket = f"files-{uuid.uuid4()}"
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    environment = Given(
        FILES_STORAGE="s3", S3_BUCKET=bucket, S3_ENDPOINT_URL=endpoint, S3_ACCESS_KEY="key", S3_SECRET_KEY="secret"
    )
    settings.STORAGES = {**settings.STORAGES, "default": files_storage(environment, folder=Path())}
    try:
        yield server
    finally:
        client.close()
        server.stop()


def begun(size: int) -> Upload:
    by = UserFactory()
    return uploads.begin(kind=KIND, purpose="plan", name="a.pdf", size=size, sealing_key=test_key(), by=by)


@pytest.mark.django_db(transaction=True)
def test_a_whole_round_in_a_store_that_speaks_s3(s3: Any) -> None:
    content = pdf(2, size=20 * MEGABYTE)
    upload = uploads.append(upload=begun(len(content)), offset=0, stream=io.BytesIO(content))
    stored = intake.complete(upload=upload, by=upload.by)
    assert stored is not None
    assert len(stored.parts) == 6
    assert not any(b"%PDF" in kept for kept in everything_stored().values())
    secret = sealed.key_of(stored).secret
    assert content_digest(stored, secret) == stored.sha256 == hashlib.sha256(content).hexdigest()
    assert make_thumbnail(stored.pk)
    stored.refresh_from_db()
    assert sealed.thumbnail_of(stored, secret).startswith(b"\x89PNG")
    assert upkeep.sweep() == 0
    storage.remove([stored.parts[0]["key"]])
    with pytest.raises(FileNotFoundError):
        content_digest(stored, secret)
    discard(stored)
    assert not everything_stored()


@pytest.mark.django_db(transaction=True)
def test_a_store_that_is_down_is_told_and_what_it_had_is_still_there(s3: Any) -> None:
    content = pdf(size=5 * MEGABYTE)
    upload = uploads.append(upload=begun(len(content)), offset=0, stream=io.BytesIO(content[: 4 * MEGABYTE]))
    address = s3.get_host_and_port()
    s3.stop()
    with pytest.raises(StorageDown):
        uploads.append(upload=upload, offset=4 * MEGABYTE, stream=io.BytesIO(content[4 * MEGABYTE :]))
    upload.refresh_from_db()
    assert upload.offset == 4 * MEGABYTE
    with pytest.raises(StorageDown):
        storage.get(upload.parts[0]["key"])
    storage.remove([upload.parts[0]["key"]])  # says nothing: the sweep finds it later
    s3._ip_address, s3._port = address
    s3.start()
    upload = uploads.append(upload=upload, offset=4 * MEGABYTE, stream=io.BytesIO(content[4 * MEGABYTE :]))
    assert intake.complete(upload=upload, by=upload.by) is not None
    assert StoredFile.objects.count() == 1
