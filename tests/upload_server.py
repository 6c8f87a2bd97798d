"""The portal with the room of the upload tests, for a real web server: `gunicorn tests.upload_server`."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def application(environ: dict[str, object], start_response: object) -> object:
    """The application; Django is set up when the server first asks for it."""
    return _loaded()(environ, start_response)


def _loaded() -> object:
    global _application
    if _application is None:
        from django.conf import settings
        from django.core.wsgi import get_wsgi_application

        settings.ROOT_URLCONF = "tests.factories.documents"
        _application = get_wsgi_application()
    return _application


_application: object = None


@contextmanager
def running_server(files: Path, *, largest_file: int = 0) -> Iterator[tuple[str, int]]:
    """gunicorn as in production, on a free port, with the test's database and this folder of files.

    `largest_file`: the disk is full as soon as a file gets larger than this (a limit of the operating system).
    """
    from django.conf import settings

    from tests.worker import _database_url, wait_until

    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "achterhoek.settings.test",
        "DATABASE_URL": _database_url(),
        "TEST_SPACE": settings.TEST_SPACE,
        "TEST_FILES": str(files),
    }
    said = files.parent / "gunicorn.log"

    def limit() -> None:
        if largest_file:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    command = [
        sys.executable, "-m", "gunicorn", "tests.upload_server:application", "--bind", "127.0.0.1:0",
        "--workers", "1", "--threads", "4", "--no-control-socket",
    ]  # fmt: skip
    with said.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=log, preexec_fn=limit)
    try:
        wait_until(lambda: b"Listening at: http://127.0.0.1:" in said.read_bytes(), seconds=60, what="it listens")
        port = int(said.read_bytes().split(b"http://127.0.0.1:")[1].split()[0])
        yield "127.0.0.1", port
    finally:
        process.terminate()
        process.wait(timeout=30)
