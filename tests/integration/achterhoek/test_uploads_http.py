"""Uploading over HTTP (tus 1.0): what each answer says, and what a page is told."""

from __future__ import annotations

import errno
import hashlib
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.models import User
from achterhoek.documents import sealed, tus
from achterhoek.documents.models import Scan, StoredFile, Upload
from achterhoek.documents.storage import DurableFileSystemStorage
from achterhoek.documents.tasks import finish_upload, finish_waiting, make_thumbnail, scan_waiting, sweep
from achterhoek.documents.upkeep import SHORT_PATIENCE
from achterhoek.sealing.keyring import KeyServiceDown
from tests.factories import UserFactory
from tests.factories.documents import MEGABYTE, Desk, pdf
from tests.uploading import Tus, everything_stored, nothing_refers_to
from tests.worker import running_worker, wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store"),
    pytest.mark.urls("tests.factories.documents"),
]


@pytest.fixture
def user() -> User:
    return UserFactory()


@pytest.fixture
def tus_client(user: User) -> Tus:
    client = Client()
    client.force_login(user)
    return Tus(client)


def test_a_file_in_pieces_is_taken_judged_and_served(tus_client: Tus) -> None:
    content = pdf(2, size=5 * MEGABYTE)
    tus_client.name = "Ons plan €.pdf"
    begun = tus_client.create(len(content))
    assert (begun.status_code, begun["Upload-Offset"], begun["Tus-Resumable"]) == (201, "0", "1.0.0")
    assert "Upload-Expires" in begun.headers
    half = tus_client.patch(0, content[: 3 * MEGABYTE])
    assert (half.status_code, half["Upload-Offset"]) == (204, str(3 * MEGABYTE))
    head = tus_client.head()
    assert (head["Upload-Offset"], head["Upload-Length"]) == (str(3 * MEGABYTE), str(len(content)))
    assert head["Cache-Control"] == "no-store"
    assert tus_client.state() == {
        "state": "receiving", "offset": 3 * MEGABYTE, "size": len(content), "message": "",
    }  # fmt: skip
    assert tus_client.patch(3 * MEGABYTE, content[3 * MEGABYTE :])["Upload-Offset"] == str(len(content))
    state = tus_client.state()
    stored = StoredFile.objects.get()
    assert state["state"] == "ready"
    assert (state["file"]["pages"], state["file"]["size"]) == (2, len(content))
    assert state["file"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert Desk.attached == [stored.pk]
    served = tus_client.client.get(state["file"]["url"])
    assert b"".join(served.streaming_content) == content
    assert served["Content-Length"] == str(len(content))
    assert "Ons%20plan%20%E2%82%AC.pdf" in served["Content-Disposition"]
    assert (served["Cache-Control"], served["X-Content-Type-Options"]) == ("private, no-store", "nosniff")


def test_the_first_piece_may_come_with_the_beginning(tus_client: Tus) -> None:
    content = pdf()
    begun = tus_client.create(len(content), content=content)
    assert (begun.status_code, begun["Upload-Offset"]) == (201, str(len(content)))
    assert tus_client.state()["state"] == "ready"


def test_the_server_says_what_it_can(tus_client: Tus) -> None:
    tus_client.create(100)
    said = tus_client.client.options(tus_client.url)
    assert said["Tus-Version"] == "1.0.0"
    assert said["Tus-Extension"] == "creation,creation-with-upload,termination,expiration"
    assert said["Tus-Max-Size"] == str(2 * 1024**3)


@pytest.mark.parametrize(
    ("size", "status"), [("0", 422), (str(2 * 1024**3 + 1), 413), ("", 400), ("-1", 400), ("1e3", 400), ("9" * 40, 400)]
)
def test_a_size_that_cannot_be_is_refused_in_words(tus_client: Tus, size: str, status: int) -> None:
    answer = tus_client.create(size)
    assert answer.status_code == status
    assert len(answer.json()["message"]) > 20
    assert not Upload.objects.exists()


def test_wrong_order_wrong_kind_wrong_version(tus_client: Tus) -> None:
    content = pdf()
    tus_client.create(len(content))
    tus_client.patch(0, content[:100])
    later = tus_client.patch(200, content[200:])
    assert (later.status_code, later["Upload-Offset"]) == (409, "100")
    assert tus_client.patch(0, content[:100]).status_code == 409
    assert tus_client.patch(100, content[100:], content_type="text/plain").status_code == 415
    for wrong in ("", "x", "-1", "1.5", "9" * 20):
        assert tus_client.patch(wrong, b"x").status_code == 400
    old = tus_client.patch(100, b"x", **{"Tus-Resumable": "0.2.2"})
    assert (old.status_code, old["Tus-Version"]) == (412, "1.0.0")
    assert tus_client.create(100, **{"Tus-Resumable": ""}).status_code == 412


def test_more_than_announced_is_refused_before_it_is_read(tus_client: Tus) -> None:
    tus_client.create(100)
    assert tus_client.patch(0, b"x" * 101).status_code == 413
    assert tus_client.patch(0, b"x" * 60).status_code == 204
    assert tus_client.patch(60, b"x" * 41).status_code == 413
    assert tus_client.head()["Upload-Offset"] == "60"
    assert not nothing_refers_to()


def test_to_others_it_does_not_exist(tus_client: Tus) -> None:
    tus_client.create(100)
    other = Tus(Client())
    stranger = UserFactory()
    other.client.force_login(stranger)
    other.url = tus_client.url
    assert other.head().status_code == other.patch(0, b"x").status_code == other.delete().status_code == 404
    assert other.client.get(other.url).status_code == 404
    Desk.team = {stranger.pk}
    assert other.patch(0, b"x").status_code == 204
    nobody = Client().get(tus_client.url)
    assert (nobody.status_code, nobody["Location"].split("?")[0]) == (302, reverse("account_login"))


def test_without_the_token_of_the_page_nothing_is_taken(user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    given = {"Tus-Resumable": "1.0.0", "Upload-Length": "100"}
    assert client.post("/proef/upload/", headers=given).status_code == 403
    client.get("/proef/")
    token = client.cookies["csrftoken"].value
    assert client.post("/proef/upload/", headers=given | {"X-CSRFToken": token}).status_code == 201


def test_a_deadline_that_passes_while_a_file_comes_in(tus_client: Tus) -> None:
    content = pdf()
    tus_client.create(len(content))
    assert tus_client.patch(0, content[:100]).status_code == 204
    Desk.closed = "De termijn is om 12.00 uur gesloten."
    late = tus_client.patch(100, content[100:])
    assert (late.status_code, late.json()["message"]) == (403, Desk.closed)
    assert tus_client.create(100).status_code == 403
    assert Upload.objects.count() == 1
    assert not StoredFile.objects.exists()


def test_a_refused_file_says_why_and_stays_refused(tus_client: Tus) -> None:
    state = tus_client.send(pdf(script=True))
    assert (state["state"], "script" in state["message"]) == ("refused", True)
    assert tus_client.head().status_code == 410
    again = tus_client.patch(0, b"x")
    assert (again.status_code, again.json()["message"]) == (410, state["message"])
    assert not everything_stored()


def test_who_stops_leaves_nothing(tus_client: Tus) -> None:
    tus_client.create(100)
    tus_client.patch(0, b"x" * 50)
    assert tus_client.delete().status_code == 204
    assert tus_client.head().status_code == 404
    assert not everything_stored()
    tus_client.send(pdf())
    assert tus_client.delete().status_code == 403
    assert StoredFile.objects.count() == 1


def test_a_file_that_was_taken_out_again_is_not_there(tus_client: Tus) -> None:
    assert tus_client.send(pdf())["state"] == "ready"
    StoredFile.objects.all().delete()
    assert tus_client.state()["state"] == "refused"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_full_disk_is_told_and_the_same_piece_is_taken_later(
    tus_client: Tus, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """The error is the operating system's own, half-way through writing."""
    content = pdf(size=5 * MEGABYTE)
    tus_client.create(len(content))

    def full(target: Any, chunk: bytes) -> None:
        target.write(chunk[:1000])
        raise OSError(number, "no room")

    with monkeypatch.context() as patch:
        patch.setattr("achterhoek.documents.storage._write_all", full)
        down = tus_client.patch(0, content)
        assert (down.status_code, down["Retry-After"]) == (503, "10")
        assert "opslag" in down.json()["message"]
        assert tus_client.head()["Upload-Offset"] == "0"
        assert not everything_stored()
    assert tus_client.patch(0, content).status_code == 204
    assert tus_client.state()["state"] == "ready"


def test_a_store_that_is_away_while_a_file_is_judged_loses_nothing(
    tus_client: Tus, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = pdf()
    tus_client.create(len(content))

    def away(*_args: Any, **_kwargs: Any) -> Any:
        raise OSError(errno.EIO, "away")

    with monkeypatch.context() as patch:
        patch.setattr(DurableFileSystemStorage, "open", away)
        assert tus_client.patch(0, content).status_code == 204
        assert tus_client.state()["state"] == "checking"
    assert finish_upload(str(Upload.objects.get().pk), user.pk)
    assert tus_client.state()["state"] == "ready"
    with monkeypatch.context() as patch:
        patch.setattr(DurableFileSystemStorage, "open", away)
        answer = tus_client.client.get(tus_client.state()["file"]["url"])
        assert (answer.status_code, answer["Retry-After"]) == (503, "10")


def test_a_key_service_that_is_away_while_a_file_is_judged_loses_nothing(
    tus_client: Tus, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = pdf()

    def away(_wrapped: bytes) -> str:
        raise KeyServiceDown

    with monkeypatch.context() as patch:
        patch.setattr("achterhoek.sealing.keyring.unwrap", away)
        assert tus_client.send(content)["state"] == "checking"
    assert finish_upload(str(Upload.objects.get().pk), user.pk)


def test_a_file_whose_judge_was_killed_is_judged_when_the_page_asks(
    tus_client: Tus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Minutes before a deadline nobody can wait for the scheduler; and who asks too early starts no second judge."""

    def killed(*args: Any, **kwargs: Any) -> None:
        raise SystemExit

    content = pdf(size=MEGABYTE)
    tus_client.create(len(content))
    with monkeypatch.context() as patch:
        patch.setattr(tus, "_judge", killed)
        with pytest.raises(SystemExit):
            tus_client.patch(0, content)
    assert tus_client.state()["state"] == "checking"
    Upload.objects.update(changed_at=timezone.now() - SHORT_PATIENCE)
    assert tus_client.state()["state"] == "ready"


def test_a_large_file_is_judged_by_a_worker_while_the_page_asks(
    tus_client: Tus, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """Also its first page is drawn there. Small here, so that the test is not long."""
    monkeypatch.setattr(tus, "AT_ONCE", 1000)
    settings.TEST_FILES = default_storage.location
    with running_worker(include="tests.factories.documents"):
        state = tus_client.send(pdf(size=MEGABYTE), piece=300_000)
        assert state["state"] in ("checking", "ready")
        wait_until(lambda: tus_client.state()["state"] == "ready", seconds=30, what="the worker judged it")
        wait_until(lambda: bool(tus_client.state()["file"]["thumbnail"]), seconds=30, what="its page is drawn")
    picture = tus_client.client.get(tus_client.state()["file"]["thumbnail"])
    assert (picture["Content-Type"], picture["Cache-Control"]) == ("image/png", "private, no-store")
    assert picture.content.startswith(b"\x89PNG")


def test_the_picture_goes_through_the_same_gate(tus_client: Tus) -> None:
    tus_client.send(pdf())
    stored = StoredFile.objects.get()
    address = reverse("documents:thumbnail", args=[stored.pk])
    assert tus_client.client.get(address).status_code == 404  # not drawn yet
    assert make_thumbnail(str(stored.pk))
    assert tus_client.client.get(address).status_code == 200
    stranger = Client()
    stranger.force_login(UserFactory())
    assert stranger.get(address).status_code == 404
    StoredFile.objects.update(scan=Scan.INFECTED)
    assert tus_client.client.get(address).status_code == 404
    assert tus_client.client.get(reverse("documents:download", args=[stored.pk])).status_code == 404


def test_a_file_of_which_the_bytes_are_gone_is_no_internal_error(tus_client: Tus) -> None:
    tus_client.send(pdf())
    stored = StoredFile.objects.get()
    default_storage.delete(stored.parts[0]["key"])
    assert tus_client.client.get(reverse("documents:download", args=[stored.pk])).status_code == 503


def test_what_a_sealed_package_holds_is_not_served_by_its_envelope(tus_client: Tus) -> None:
    tus_client.send(pdf())
    sealed.drop_envelope(StoredFile.objects.all())
    assert tus_client.client.get(reverse("documents:download", args=[StoredFile.objects.get().pk])).status_code == 404


def test_the_clock_does_nothing_where_there_is_nothing(tus_client: Tus) -> None:
    assert (finish_waiting(), scan_waiting(), sweep()) == (0, 0, 0)
    assert not finish_upload("00000000-0000-0000-0000-000000000000", 0)


def test_a_piece_costs_the_same_whatever_came_before(tus_client: Tus) -> None:
    tus_client.create(1000)
    counts = []
    for offset in (0, 300, 600):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            tus_client.patch(offset, b"x" * 300)
        counts.append(len(queries))
    assert len(set(counts)) == 1
