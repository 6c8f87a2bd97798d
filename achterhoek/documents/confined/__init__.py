"""Files of strangers are opened in a process of their own, with little memory, little time and no keys.

One helper process for each process of ours, started when it is first needed: it has read its libraries already and
forks for each file, so that a small file costs a few milliseconds. It is no part of Django: it has neither settings,
nor environment, nor database. What breaks there (a crash of a library, memory, time) breaks there only.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SERVER = Path(__file__).with_name("server.py")
MEMORY = 768 * 1024 * 1024
CPU_SECONDS = 20
# The child ends itself somewhat earlier; this is for one that cannot.
WALL_SECONDS = 90
# To fork, and the first time to read its libraries.
START_SECONDS = 30
AT_ONCE = 4

_turns = threading.BoundedSemaphore(AT_ONCE)


class Broken(Exception):
    """The work died: too much memory, too much time, or a library that crashed on this content."""


class _Helper:
    """The helper process of this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None
        self.link: socket.socket | None = None
        self.owner = 0

    def start(self) -> socket.socket:
        if self.link is not None and self.owner == os.getpid():
            return self.link
        ours, theirs = socket.socketpair()
        with theirs:
            # A session of its own: a Ctrl-C for us is none for it; it ends when our end of the link closes.
            self.process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-I", str(SERVER)],
                stdin=theirs.fileno(), env={"PATH": os.defpath}, cwd="/", start_new_session=True,
            )  # fmt: skip
        ours.settimeout(START_SECONDS)
        self.link, self.owner = ours, os.getpid()
        return ours

    def ask(self, request: bytes, *handles: int) -> None:
        """Hand the work over. A helper that is gone is started anew, once."""
        with self.lock:
            for _attempt in (1, 2):
                link = self.start()
                try:
                    socket.send_fds(link, [request], list(handles))
                    if link.recv(1):
                        return
                except OSError:
                    pass
                self.stop()
            raise Broken("the helper does not start")

    def stop(self) -> None:
        if self.link is not None:
            self.link.close()
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.link = self.process = None


_helper = _Helper()


def run(task: str, content: int, *, memory: int = MEMORY, cpu: int = CPU_SECONDS, **options: Any) -> bytes:
    """Let the helper do `task` with the open file `content`; the bytes it answers. Raises `Broken`.

    The helper only reads, and the file stands afterwards where it stood.
    """
    request = json.dumps({"task": task, "memory": memory, "cpu": cpu, "options": options}).encode()
    reading, writing = os.pipe()
    with _turns, _only_reading(content) as file, os.fdopen(reading, "rb") as answer:
        try:
            _helper.ask(request, file, writing)
        finally:
            os.close(writing)
        return _answer_of(answer.fileno())


@contextmanager
def _only_reading(content: int) -> Iterator[int]:
    """The same file opened anew, where the system can: with a position of its own, and not for writing."""
    place = os.lseek(content, 0, os.SEEK_CUR)
    try:
        handle = os.open(f"/proc/self/fd/{content}", os.O_RDONLY)
    except OSError:
        handle = os.dup(content)
    try:
        yield handle
    finally:
        os.close(handle)
        os.lseek(content, place, os.SEEK_SET)


def _answer_of(handle: int) -> bytes:
    """All that comes out, up to its end; the first byte says that the work came to an end itself."""
    end = time.monotonic() + WALL_SECONDS
    pieces: list[bytes] = []
    poll = select.poll()
    poll.register(handle, select.POLLIN | select.POLLHUP)
    while poll.poll(max(end - time.monotonic(), 0) * 1000):
        piece = os.read(handle, 64 * 1024)
        if piece:
            pieces.append(piece)
            continue
        whole = b"".join(pieces)
        if whole.endswith(b"\n."):
            return whole[:-2]
        raise Broken("the work ended half-way")
    raise Broken("the work took too long")
