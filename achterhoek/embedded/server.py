"""A server process that outlives us, and a sure way to tell whether it lives.

The process inherits a locked file. The kernel lets that lock go when the process and all its children
are gone, also after `kill -9` or a power cut, and no process identifier that was given out anew can
deceive it. So stale pid files and sockets need no guessing: without the lock, they are stale.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from achterhoek.embedded.errors import EmbeddedError
from achterhoek.embedded.owner import Owner

LONGEST_LOG = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Server:
    """The files around one server, in a folder that only we write in. `name` is also the program's name."""

    home: Path
    label: str
    program: str

    @property
    def log(self) -> Path:
        return self.home / f"{self.label}.log"

    @property
    def pid_file(self) -> Path:
        return self.home / f"{self.label}.pid"

    @property
    def alive_file(self) -> Path:
        return self.home / f"{self.label}.alive"

    def alive(self) -> bool:
        """Whether the server or one of its children lives. Call it under the home's lock only."""
        with lock_if_free(self.alive_file) as held:
            return held is None

    def launch(self, command: list[str], owner: Owner) -> subprocess.Popen[bytes]:
        """Start the server in a session of its own, so that Ctrl-C in the terminal does not reach it."""
        if self.log.exists() and self.log.stat().st_size > LONGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        with lock_if_free(self.alive_file) as held, os.fdopen(_open(self.log), "ab") as log:
            if held is None:
                raise EmbeddedError(f"{self.label} of {self.home} still runs and does not answer; see {self.log}.")
            child = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True, pass_fds=[held], **owner.popen()
            )
        self.pid_file.write_text(str(child.pid))
        return child

    def last_words(self, lines: int = 8) -> str:
        """The end of the log, for an error message."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return ""

    def signal(self, number: signal.Signals) -> bool:
        """Signal the process we started, after a look whether that number still is this program."""
        import psutil

        try:
            process = psutil.Process(int(self.pid_file.read_text()))
            if not process.name().startswith(self.program) or process.status() == psutil.STATUS_ZOMBIE:
                return False
            process.send_signal(number)
        except (FileNotFoundError, ValueError, psutil.Error):
            return False
        return True


@contextmanager
def lock_if_free(path: Path) -> Iterator[int | None]:
    """The file's descriptor, locked, or None where somebody else has the lock."""
    descriptor = _open(path)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Wait for the file's lock and hold it: one process at a time starts or stops servers."""
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def share(path: Path) -> int:
    """Wait until nobody has the file's lock for himself, and hold it with others until this process ends."""
    descriptor = _open(path)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _open(path: Path) -> int:
    """Open a file for its lock, or for more lines; what root makes belongs to whoever owns the folder."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor
