"""A real Celery worker for the tests that need one: a process of its own, on the test's database, queue and files."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from achterhoek.celery import app

ROOT = Path(__file__).resolve().parents[1]


def _database_url() -> str:
    values = connection.settings_dict
    host = (values.get("OPTIONS") or {}).get("host") or values["HOST"]
    user, port = values["USER"], values["PORT"]
    place = f"{user}:{quote(values['PASSWORD'])}@" if values["PASSWORD"] else f"{user}@"
    if str(host).startswith("/") or not host:
        return f"postgres://{place}/{values['NAME']}?host={quote(str(host), safe='/')}"
    return f"postgres://{place}{host}:{port or 5432}/{values['NAME']}"


@contextmanager
def running_worker(include: str = "", log: IO[str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Start a worker and wait until it answers; it is ended by its own process id.

    `include` is a module of the tests that it has to know too; `log` gets what it writes about itself.
    """
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "achterhoek.settings.test",
        "DATABASE_URL": _database_url(),
        "TEST_SPACE": settings.TEST_SPACE,
        "TEST_FILES": settings.TEST_FILES,
    }
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "achterhoek",
        "worker",
        "-c",
        "1",
        "--pool",
        "solo",
        "-l",
        "WARNING",
        *(["--include", include] if include else []),
    ]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=log)
    try:
        wait_until(lambda: bool(app.control.inspect(timeout=0.5).ping()), seconds=60, what="the worker answers")
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_until(ready: Callable[[], bool], *, seconds: float = 60, what: str = "it is ready") -> None:
    """Ask again and again, at most so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ready():
            return
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds} s in vain until {what}")
