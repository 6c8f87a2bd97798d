"""The providers of a rush: so many at once, each sends its files, saves its answers and submits.

Started by path as a process of its own, without Django and without the portal: it must cost little, and what it
costs is told. It reads its plan (JSON) on standard input and writes what happened (JSON) on standard output. What
fails by a cut, by a server that is away or by an error of its own (5xx) is tried again, as a browser does.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import re
import resource
import secrets
import sys
import threading
import time
from pathlib import Path
from typing import Any

MARKER = b"@" * 32
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = 8 * 1024 * 1024
RECEIPT = re.compile(r"/ontvangstbewijs/([A-Za-z0-9-]+)/")
SEEN = re.compile(r'name="(seen-[a-z0-9]+)"\s+value="([^"]*)"|value="([^"]*)"\s+name="(seen-[a-z0-9]+)"')
TRY_AGAIN = (OSError, http.client.HTTPException)
PAUSE = 0.25


class Refused(Exception):
    """The portal said no, in words."""


class File:
    """A PDF of which each copy has a mark of its own, so that each has another digest. The rest is shared."""

    def __init__(self, path: Path) -> None:
        content = path.read_bytes()
        self.before, _mark, self.after = content.partition(MARKER)
        self.digest = hashlib.sha256(self.before)
        self.size = len(content)

    def copy(self) -> tuple[tuple[bytes, bytes, bytes], str]:
        """Its three parts, and the sha256 of the whole."""
        mark = secrets.token_hex(len(MARKER) // 2).encode()
        digest = self.digest.copy()
        digest.update(mark + self.after)
        return (self.before, mark, self.after), digest.hexdigest()


class Provider:
    """One person with a browser."""

    def __init__(self, plan: dict[str, Any], one: dict[str, Any], file: File) -> None:
        self.plan, self.one, self.file = plan, one, file
        self.link: http.client.HTTPConnection | None = None
        self.token = secrets.token_hex(16)
        self.home = f"/mijn/inzendingen/{one['submission']}/"
        self.took: list[tuple[str, float]] = []
        self.tries = 0
        self.told: dict[str, Any] = {"submission": one["submission"], "files": [], "receipt": None, "refused": ""}

    def run(self) -> dict[str, Any]:
        until = self.one.get("not_before", 0)
        if until > time.time():
            time.sleep(until - time.time())
        began = time.perf_counter()
        try:
            self._work()
        except Refused as no:
            self.told["refused"] = str(no)
        except Exception as error:
            self.told["failed"] = f"{type(error).__name__}: {error}"
        finally:
            self._hang_up()
        return self.told | {"seconds": time.perf_counter() - began, "took": self.took, "again": self.tries}

    def _work(self) -> None:
        fields = dict(self.one["fields"])
        section = f"{self.home}deel/algemeen/"
        if self.plan["pages"]:
            page = self._ask("page", "GET", section)[2].decode()
            fields |= {a or d: b or c for a, b, c, d in SEEN.findall(page)}
        for question in self.one["files"]:
            self._upload(question)
        self._expect(self._form("save", section, fields), 302)
        if self.plan["pages"]:
            self._ask("page", "GET", self.home)
            self._ask("page", "GET", f"{self.home}indienen/")
        self.told["asked_at"] = time.time()
        answer = self._form("submit", f"{self.home}indienen/", {"confirm": "on"})
        self._expect(answer, 302)
        self.told["answered_at"] = time.time()
        number = RECEIPT.search(answer[1].get("Location", ""))
        if number is None:
            # An earlier try came through, its answer did not: the page of the submission has the receipt.
            number = RECEIPT.search(self._ask("page", "GET", self.home)[2].decode())
        if number is None:
            raise RuntimeError("submitted without a receipt")
        self.told["receipt"] = number[1]
        if self.plan["pages"]:
            self._ask("page", "GET", f"{self.home}ontvangstbewijs/{number[1]}/")
        if self.plan["keep"]:
            content = self._ask("receipt", "GET", f"{self.home}ontvangstbewijs/{number[1]}.json")[2]
            self.told["digest"] = "sha256:" + hashlib.sha256(content).hexdigest()

    def _upload(self, question: int) -> None:
        """As the browser does: announce (and send), look; after a cut ask how far it came and go on from there."""
        parts, digest = self.file.copy()
        place, offset, state = "", 0, None
        while True:
            if not place:
                place, offset, state = self._announce(question, parts)
                if offset == self.file.size:
                    break
            status, head, body = self._send(place, parts, offset)
            if status == 204 and int(head["Upload-Offset"]) == self.file.size:
                break
            if status in (204, 409):
                offset = int(head["Upload-Offset"])
            elif status == 404:
                place = ""
            else:
                raise Refused(_message(body))
        while True:
            state = state or json.loads(self._ask("look", "GET", place)[2])
            if state["state"] == "ready":
                break
            if state["state"] == "refused":
                raise Refused(state["message"])
            time.sleep(PAUSE)
            state = None
        if state["file"]["sha256"] != digest:
            raise RuntimeError("the portal has other bytes than were sent")
        self.told["files"].append(digest)

    def _announce(self, question: int, parts: tuple[bytes, ...]) -> tuple[str, int, Any]:
        """Where the file may be sent, and how much of it is there: what is small comes along, as the browser does, and
        what became of it is told at once."""
        headers = {**TUS, "Upload-Length": str(self.file.size), "Upload-Metadata": "filename cGxhbi5wZGY="}
        body: tuple[bytes, ...] = ()
        if self.file.size <= PIECE:
            headers["Content-Type"] = "application/offset+octet-stream"
            body = parts
        path = f"{self.home}bestanden/{question}/"
        while True:
            try:
                status, head, answer = self._once("announce", "POST", path, headers, body, sum(map(len, body)))
                break
            except TRY_AGAIN:
                self._again()
        if status != 201:
            raise Refused(_message(answer))
        return str(head["Location"]), int(head.get("Upload-Offset") or 0), json.loads(answer) if answer else None

    def _send(self, place: str, parts: tuple[bytes, ...], offset: int) -> Any:
        """The next piece; where that is cut, the answer of asking how far it came."""
        headers = {**TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
        left = min(self.file.size - offset, PIECE)
        try:
            return self._once("send", "PATCH", place, headers, _cut(parts, offset, left), left)
        except TRY_AGAIN:
            self._again()
            status, head, body = self._ask("ask", "HEAD", place, TUS)
            return (204 if status == 200 else status), head, body

    def _form(self, name: str, path: str, fields: dict[str, str]) -> Any:
        edge = "----" + secrets.token_hex(12)
        lines = [f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
        body = ("".join(lines) + f"--{edge}--\r\n").encode()
        return self._ask(name, "POST", path, {"Content-Type": f"multipart/form-data; boundary={edge}"}, body)

    def _expect(self, answer: Any, status: int) -> None:
        if answer[0] == status:
            return
        page = answer[2].decode(errors="replace")
        raise Refused(next((words for words in self.plan["late"] if words in page), f"status {answer[0]}"))

    def _ask(self, name: str, method: str, path: str, headers: Any = None, body: bytes = b"") -> Any:
        while True:
            try:
                return self._once(name, method, path, headers or {}, [body], len(body))
            except TRY_AGAIN:
                self._again()

    def _again(self) -> None:
        self.tries += 1
        if time.time() > self.plan["give_up"]:
            raise RuntimeError("the portal did not come back")
        time.sleep(PAUSE)

    def _once(self, name: str, method: str, path: str, headers: dict[str, str], body: Any, size: int) -> Any:
        began = time.perf_counter()
        try:
            link = self._connected()
            link.putrequest(method, path, skip_accept_encoding=True)
            cookies = f"sessionid={self.one['session']}; csrftoken={self.token}"
            for key, value in {"Cookie": cookies, "X-CSRFToken": self.token, **headers}.items():
                link.putheader(key, value)
            link.putheader("Content-Length", str(size))
            link.endheaders()
            for piece in body:
                if piece:
                    link.send(piece)
            response = link.getresponse()
            status, head, content = response.status, response.headers, response.read()
        except TRY_AGAIN:
            self._hang_up()
            raise
        self.took.append((name, time.perf_counter() - began))
        if status >= 500:
            raise http.client.HTTPException(f"status {status}")
        return status, head, content

    def _connected(self) -> http.client.HTTPConnection:
        if self.link is None:
            self.link = http.client.HTTPConnection(self.plan["host"], self.plan["port"], timeout=self.plan["patience"])
            self.link.connect()
        return self.link

    def _hang_up(self) -> None:
        if self.link is not None:
            with contextlib.suppress(OSError):
                self.link.close()
        self.link = None


def _cut(parts: tuple[bytes, ...], offset: int, size: int) -> list[memoryview]:
    """So many bytes from this offset on, without copying them."""
    found = []
    for part in parts:
        piece = memoryview(part)[offset : offset + size] if offset < len(part) else memoryview(b"")
        offset = max(offset - len(part), 0)
        size -= len(piece)
        if len(piece):
            found.append(piece)
    return found


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return "no reason"


def main() -> None:
    plan = json.load(sys.stdin)
    file = File(Path(plan["file"]))
    waiting = iter(plan["providers"])
    turn = threading.Lock()
    told: list[dict[str, Any]] = []

    def client() -> None:
        while True:
            with turn:
                one = next(waiting, None)
            if one is None:
                return
            told.append(Provider(plan, one, file).run())

    threads = [threading.Thread(target=client) for _ in range(plan["clients"])]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    json.dump({"seconds": wall, "cpu": used.ru_utime + used.ru_stime, "providers": told}, sys.stdout)


if __name__ == "__main__":
    main()
