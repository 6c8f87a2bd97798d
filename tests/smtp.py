"""A real mail server for a test, in a process of its own, that can be killed."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.test import override_settings

from contracts.bench import mail_server
from contracts.bench.mail_server import HOST, accepted


class MailServer:
    def __init__(self, folder: Path) -> None:
        self.log = folder / "accepted.jsonl"
        with socket.socket() as trial:
            trial.bind((HOST, 0))
            self.port: int = trial.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-I", mail_server.__file__, str(self.port), str(self.log)]
        self.process = subprocess.Popen(command)
        end = time.monotonic() + 10
        while True:
            try:
                socket.create_connection((HOST, self.port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def die(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def die_before_answering(self) -> None:
        """The next message is accepted, and nobody is told."""
        self.log.with_name(f"{self.log.name}.die").touch()

    @property
    def accepted(self) -> list[dict[str, Any]]:
        return accepted(self.log)


@contextmanager
def mail_server_of(folder: Path) -> Iterator[MailServer]:
    """A mail server to which the outbox sends for as long as this lasts."""
    server = MailServer(folder)
    server.start()
    try:
        with override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST=HOST, EMAIL_PORT=server.port,
            EMAIL_HOST_USER="", EMAIL_HOST_PASSWORD="", EMAIL_USE_TLS=False, EMAIL_USE_SSL=False,
        ):  # fmt: skip
            yield server
    finally:
        server.die()
