"""The virus scanner: over its real protocol, also where it is away, slow or full."""

from __future__ import annotations

import io
import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from achterhoek.accounts.models import User
from achterhoek.audit.models import AuditEvent
from achterhoek.documents import intake, sealed, uploads
from achterhoek.documents.gate import open_for
from achterhoek.documents.models import Scan, StoredFile
from achterhoek.documents.scan import scan
from achterhoek.documents.services import accept_pdf
from achterhoek.documents.tasks import scan_waiting
from achterhoek.errors import RuleViolation
from tests.factories import UserFactory
from tests.factories.documents import KIND, MEGABYTE, pdf, test_key
from tests.uploading import EICAR, everything_stored, scanner

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("store")]


def taken(by: User, content: bytes) -> StoredFile | None:
    upload = uploads.begin(kind=KIND, purpose="plan", name="a.pdf", size=len(content), sealing_key=test_key(), by=by)
    uploads.append(upload=upload, offset=0, stream=io.BytesIO(content))
    stored = intake.complete(upload=upload, by=by)
    upload.refresh_from_db()
    if stored is None:
        raise RuleViolation(upload.error)
    return stored


def with_eicar() -> bytes:
    return pdf() + b"\n%" + EICAR


def test_a_clean_file_is_scanned_whole_and_shown(settings: Any) -> None:
    by, content = UserFactory(), pdf(size=9 * MEGABYTE)
    with scanner() as found:
        settings.CLAMD_URL = found.url
        stored = taken(by, content)
        assert found.seen == [len(content)]
    assert stored is not None
    assert stored.scan == Scan.CLEAN
    assert open_for(by, stored)


def test_a_virus_is_refused_and_not_kept(settings: Any) -> None:
    by = UserFactory()
    with scanner() as found:
        settings.CLAMD_URL = found.url
        with pytest.raises(RuleViolation, match="virusscanner"):
            taken(by, with_eicar())
        with pytest.raises(RuleViolation, match="virusscanner"):
            accept_pdf(upload=SimpleUploadedFile("a.pdf", with_eicar()), kind=KIND, sealing_key=test_key(), by=by)
    assert not StoredFile.objects.exists()
    assert not everything_stored()


def test_while_the_scanner_is_away_a_file_waits_and_nobody_sees_it(settings: Any) -> None:
    by = UserFactory()
    settings.CLAMD_URL = "tcp://127.0.0.1:1"
    clean, bad, handed_in = taken(by, pdf()), taken(by, with_eicar()), taken(by, pdf())
    assert clean is not None
    assert bad is not None
    assert handed_in is not None
    sealed.drop_envelope([handed_in])
    assert [open_for(by, stored) for stored in (clean, bad)] == [None, None]
    assert scan_waiting() == 0
    with scanner() as found:
        settings.CLAMD_URL = found.url
        assert scan_waiting() == 2
        assert scan_waiting() == 0
    states = dict(StoredFile.objects.values_list("pk", "scan"))
    assert states == {clean.pk: Scan.CLEAN, bad.pk: Scan.INFECTED, handed_in.pk: Scan.WAITING}
    clean.refresh_from_db()
    bad.refresh_from_db()
    assert open_for(by, clean)
    assert open_for(by, bad) is None
    assert AuditEvent.objects.filter(action="documents.file.infected", target_id=str(bad.pk)).count() == 1


def test_a_file_that_is_too_large_for_the_scanner_waits_too(settings: Any) -> None:
    with scanner(limit=1000) as found:
        settings.CLAMD_URL = found.url
        assert scan([b"x" * 5000]) == Scan.WAITING


@pytest.mark.parametrize("said", [b"", b"half an answer", b"something else\0", b"stream: no sense ERROR\0"])
def test_a_scanner_that_talks_nonsense_has_judged_nothing(settings: Any, tmp_path: Path, said: bytes) -> None:
    place = tmp_path / "clamd.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place))
        server.listen()

        def answer() -> None:
            link, _address = server.accept()
            with link:
                link.recv(100_000)
                link.sendall(said)

        thread = threading.Thread(target=answer)
        thread.start()
        settings.CLAMD_URL = f"unix:{place}"
        assert scan([b"x" * 100]) == Scan.WAITING
        thread.join()


@pytest.mark.parametrize("url", ["http://127.0.0.1", "tcp://", "unix:/nowhere/clamd", "nonsense"])
def test_a_wrong_address_is_no_reason_to_show_a_file(settings: Any, url: str) -> None:
    settings.CLAMD_URL = url
    assert scan([b"x"]) == Scan.WAITING


def test_without_a_scanner_nothing_waits(settings: Any) -> None:
    settings.CLAMD_URL = ""
    assert scan([b"x"]) == Scan.NONE
