"""Whether a server lives is told by a lock that the kernel lets go, never by a number in a file."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from achterhoek.embedded.errors import EmbeddedError
from achterhoek.embedded.owner import Owner
from achterhoek.embedded.server import LONGEST_LOG, Server, lock_if_free

US = Owner(uid=0, gid=0, switch=False)
SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
# A process that leaves a child behind, as a killed postmaster leaves its backends.
PARENT = [
    sys.executable,
    "-c",
    "import os, time\nif os.fork() == 0:\n    time.sleep(1)\n    os._exit(0)\ntime.sleep(60)",
]


def await_death(server: Server) -> float:
    began = time.monotonic()
    while server.alive() and time.monotonic() - began < 10:
        time.sleep(0.02)
    return time.monotonic() - began


def test_a_server_lives_until_it_is_killed(tmp_path: Path) -> None:
    server = Server(tmp_path, "sleeper", "python")
    assert not server.alive()
    child = server.launch(SLEEP, US)
    assert server.alive()
    child.kill()
    child.wait()
    assert not server.alive()


def test_it_lives_while_one_of_its_children_does(tmp_path: Path) -> None:
    server = Server(tmp_path, "parent", "python")
    child = server.launch(PARENT, US)
    time.sleep(0.3)
    child.kill()
    child.wait()
    assert server.alive()
    assert await_death(server) < 10


def test_a_second_one_is_refused_while_the_first_lives(tmp_path: Path) -> None:
    server = Server(tmp_path, "sleeper", "python")
    child = server.launch(SLEEP, US)
    with pytest.raises(EmbeddedError, match="still runs"):
        server.launch(SLEEP, US)
    child.kill()
    child.wait()


def test_a_number_that_belongs_to_another_program_by_now_is_not_signalled(tmp_path: Path) -> None:
    bystander = subprocess.Popen(SLEEP)
    server = Server(tmp_path, "postgres", "postgres")
    server.pid_file.write_text(str(bystander.pid))
    assert not server.signal(signal.SIGKILL)
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


@pytest.mark.parametrize("content", ["", "no number", "999999999"])
def test_a_stale_or_broken_pid_file_is_no_trouble(tmp_path: Path, content: str) -> None:
    server = Server(tmp_path, "postgres", "postgres")
    server.pid_file.write_text(content)
    assert not server.signal(signal.SIGTERM)


def test_a_long_log_is_put_aside_at_the_next_start(tmp_path: Path) -> None:
    server = Server(tmp_path, "echo", "echo")
    server.log.write_bytes(b"x" * (LONGEST_LOG + 1))
    server.launch(["/bin/sh", "-c", "echo last words"], US).wait()
    assert server.last_words() == "last words"
    assert server.log.with_suffix(".log.1").stat().st_size == LONGEST_LOG + 1


def test_a_lock_is_had_by_one_at_a_time(tmp_path: Path) -> None:
    with lock_if_free(tmp_path / "lock") as first, lock_if_free(tmp_path / "lock") as second:
        assert first is not None
        assert second is None
    with lock_if_free(tmp_path / "lock") as again:
        assert again is not None
