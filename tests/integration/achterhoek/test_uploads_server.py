"""Uploads against a real web server over real sockets: cuts, two at once, a disk that is full."""

from __future__ import annotations

import base64
import http.client
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from django.test import Client

from achterhoek.accounts.models import User
from achterhoek.documents import sealed
from achterhoek.documents.models import StoredFile, Upload
from tests.factories import UserFactory
from tests.factories.documents import KIND, MEGABYTE, pdf
from tests.upload_server import running_server
from tests.uploading import PIECE, nothing_refers_to
from tests.worker import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

# As long as a browser makes it: what is sent is chance, and holds a short one before long.
EDGE = "----" + "edge" * 8


CUT = 0


class Wire:
    """An uploader at the other end of a socket."""

    def __init__(self, place: tuple[str, int], user: User) -> None:
        client = Client()
        client.force_login(user)
        self.place = place
        self.cookies = f"sessionid={client.cookies['sessionid'].value}; csrftoken={'a' * 32}"
        self.url = ""

    def headers(self, **more: str) -> dict[str, str]:
        return {
            "Cookie": self.cookies, "X-CSRFToken": "a" * 32, "Tus-Resumable": "1.0.0",
            **{name.replace("_", "-"): value for name, value in more.items()},
        }  # fmt: skip

    def ask(self, method: str, url: str, body: bytes = b"", **more: str) -> tuple[int, dict[str, str], bytes]:
        link = http.client.HTTPConnection(*self.place, timeout=60)
        try:
            # Who is refused before all is sent finds the door closed, and reads the answer, as a browser does.
            with suppress(BrokenPipeError):
                link.request(method, url, body=body or None, headers=self.headers(**more))
            answer = link.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            link.close()

    def create(self, size: int) -> None:
        name = "filename " + base64.b64encode(b"plan.pdf").decode()
        status, headers, _body = self.ask("POST", "/proef/upload/", Upload_Length=str(size), Upload_Metadata=name)
        assert status == 201
        self.url = headers["Location"]

    def patch(self, offset: int, content: bytes) -> tuple[int, dict[str, str], bytes]:
        return self.ask("PATCH", self.url, content, Upload_Offset=str(offset), Content_Type=PIECE)

    def patch_or_cut(self, offset: int, content: bytes) -> int:
        """The status; or that the connection was gone before an answer could be read, as from a real network."""
        try:
            return self.patch(offset, content)[0]
        except (ConnectionResetError, http.client.RemoteDisconnected):
            return CUT

    def offset(self) -> int:
        return int(self.ask("HEAD", self.url)[1]["Upload-Offset"])

    def cut(self, offset: int, content: bytes, sent: int, *, reset_at: int = 0) -> None:
        """Announce all of it, send a part, and be gone; with a reset, once so many bytes in all are counted."""
        head = self.headers(Upload_Offset=str(offset), Content_Type=PIECE, Content_Length=str(len(content)))
        lines = [f"PATCH {self.url} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {v}" for name, v in head.items())]
        link = socket.create_connection(self.place, timeout=60)
        link.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + content[:sent])
        if reset_at:  # no goodbye, as when a network disappears: what the server has not read by then is lost
            wait_until(lambda: self.offset() >= reset_at, what="the first slice is counted")
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        link.close()


@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_that_is_cut_at_99_percent_goes_on_where_it_was(store: Path, reset: bool) -> None:
    content = pdf(size=9 * MEGABYTE)
    with running_server(store) as place:
        wire = Wire(place, UserFactory())
        wire.create(len(content))
        wire.cut(0, content, 3 * MEGABYTE)
        wait_until(lambda: wire.offset() == 3 * MEGABYTE, what="what came is counted")
        before = len(content) * 99 // 100
        wire.cut(3 * MEGABYTE, content[3 * MEGABYTE :], before - 3 * MEGABYTE, reset_at=7 * MEGABYTE * reset)
        # A network that disappears takes along what was on its way; a slice that was whole stays.
        wait_until(lambda: 7 * MEGABYTE <= wire.offset() <= before, what="what came is counted")
        wait_until(lambda: reset or wire.offset() == before, what="all that came is counted")
        assert wire.patch(len(content), b"")[0] in (400, 409, 415)
        have = wire.offset()
        assert wire.patch(have, content[have:])[0] == 204
        assert b'"ready"' in wire.ask("GET", wire.url)[2]
    stored = StoredFile.objects.get()
    assert b"".join(sealed.chunks(stored, sealed.key_of(stored).secret)) == content
    assert not nothing_refers_to()


def test_the_same_piece_from_two_tabs_at_once_counts_once(store: Path) -> None:
    content = pdf(size=6 * MEGABYTE)
    with running_server(store) as place:
        wire = Wire(place, UserFactory())
        wire.create(len(content))
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _tab: wire.patch_or_cut(0, content), range(4)))
        assert answers.count(204) >= 1
        assert set(answers) <= {204, 409, CUT}
        have = wire.offset()
        if have < len(content):
            assert wire.patch(have, content[have:])[0] == 204
        assert b'"ready"' in wire.ask("GET", wire.url)[2]
    stored = StoredFile.objects.get()
    assert stored.size == len(content) == sum(part["size"] for part in stored.parts)
    assert b"".join(sealed.chunks(stored, sealed.key_of(stored).secret)) == content
    assert not nothing_refers_to()


def test_two_tabs_with_two_files_give_two_files(store: Path) -> None:
    contents = [pdf(size=MEGABYTE), pdf(size=2 * MEGABYTE)]
    user = UserFactory()
    with running_server(store) as place:
        sent = [Wire(place, user) for _ in contents]
        for wire, content in zip(sent, contents, strict=True):
            wire.create(len(content))
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda pair: pair[0].patch(0, pair[1])[0], zip(sent, contents, strict=True)))
    assert answers == [204, 204]
    assert sorted(StoredFile.objects.values_list("size", flat=True)) == sorted(map(len, contents))


def test_a_disk_that_is_full_is_told_and_leaves_nothing_half(store: Path) -> None:
    """The operating system refuses to write more than one megabyte into a file."""
    large, small = pdf(size=2 * MEGABYTE), pdf(size=1000)
    with running_server(store, largest_file=MEGABYTE) as place:
        wire = Wire(place, UserFactory())
        wire.create(len(large))
        status, headers, body = wire.patch(0, large)
        assert (status, headers.get("Retry-After")) == (503, "10"), body
        assert "message" in body.decode()
        assert wire.offset() == 0
        assert list(store.rglob("*/*")) == []
        wire.create(len(small))
        assert wire.patch(0, small)[0] == 204
        form = (
            f'--{EDGE}\r\nContent-Disposition: form-data; name="plan"; filename="plan.pdf"\r\n'.encode()
            + b"Content-Type: application/pdf\r\n\r\n"
            + large
            + f"\r\n--{EDGE}--\r\n".encode()
        )
        status, headers, body = wire.ask(
            "POST", "/proef/formulier/", form, Content_Type=f"multipart/form-data; boundary={EDGE}"
        )
        assert (status, headers.get("Retry-After")) == (503, "10"), body
        assert "niets half opgeslagen" in body.decode()
    with running_server(store) as place:
        wire.place = place
        wire.create(len(large))
        assert wire.patch(0, large)[0] == 204
        status, _headers, _body = wire.ask(
            "POST", "/proef/formulier/", form, Content_Type=f"multipart/form-data; boundary={EDGE}"
        )
        assert status == 204
    assert StoredFile.objects.filter(kind=KIND).count() == 3
    assert not Upload.objects.exclude(finished_at=None).exclude(parts=[]).exists()
