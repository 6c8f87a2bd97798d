"""Uploading as a browser does it (tus 1.0), and a virus scanner of two rules."""

from __future__ import annotations

import base64
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.storage import default_storage
from django.test import Client

from achterhoek.documents.models import StoredFile, Upload

BEGIN = "/proef/upload/"
PIECE = "application/offset+octet-stream"
# The harmless file that every scanner calls a virus, in two halves so that none finds it here.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Tus:
    """An uploader in a test."""

    def __init__(self, client: Client, name: str = "plan.pdf") -> None:
        self.client, self.name, self.url = client, name, ""

    def create(self, size: int | str, content: bytes | None = None, **headers: str) -> Any:
        given = {
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(size),
            "Upload-Metadata": "filename " + base64.b64encode(self.name.encode()).decode(),
            **headers,
        }
        kind = {"content_type": PIECE, "data": content} if content is not None else {}
        answer = self.client.post(BEGIN, headers=given, **kind)
        self.url = answer.headers.get("Location", "")
        return answer

    def patch(self, offset: int | str, content: bytes, content_type: str = PIECE, **headers: str) -> Any:
        given = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset), **headers}
        return self.client.patch(self.url, data=content, content_type=content_type, headers=given)

    def head(self) -> Any:
        return self.client.head(self.url, headers={"Tus-Resumable": "1.0.0"})

    def delete(self) -> Any:
        return self.client.delete(self.url, headers={"Tus-Resumable": "1.0.0"})

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(self.url).json()
        return found

    def send(self, content: bytes, piece: int = 1 << 30) -> dict[str, Any]:
        """The whole file, in pieces; what came of it."""
        assert self.create(len(content)).status_code == 201
        for start in range(0, len(content), piece):
            assert self.patch(start, content[start : start + piece]).status_code == 204
        return self.state()


def everything_stored() -> dict[str, bytes]:
    """All that lies in storage, by key."""
    found = {}
    for folder in default_storage.listdir("")[0]:
        for name in default_storage.listdir(folder)[1]:
            with default_storage.open(f"{folder}/{name}") as content:
                found[f"{folder}/{name}"] = content.read()
    return found


def nothing_refers_to() -> set[str]:
    """Keys in storage that no row knows."""
    known = {part["key"] for row in [*Upload.objects.all(), *StoredFile.objects.all()] for part in row.parts}
    known |= {key for row in StoredFile.objects.all() for key in (row.thumbnail, row.file.name)}
    return set(everything_stored()) - known


class _Scanner(socketserver.StreamRequestHandler):
    """Speaks INSTREAM; knows one virus, and a limit like clamd's own."""

    def handle(self) -> None:
        if self.rfile.read(10) != b"zINSTREAM\0":
            return
        content = b""
        while size := struct.unpack("!I", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
            if len(content) > self.server.limit:  # type: ignore[attr-defined]
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.server.seen.append(len(content))  # type: ignore[attr-defined]
        self.wfile.write(b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0")


@contextmanager
def scanner(limit: int = 1 << 30) -> Iterator[Any]:
    """A scanner that listens; `url` is where."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Scanner) as server:
        server.limit, server.seen = limit, []  # type: ignore[attr-defined]
        server.url = f"tcp://127.0.0.1:{server.server_address[1]}"  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
