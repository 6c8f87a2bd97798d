"""The embedded PostgreSQL: make its cluster, start it, know whether it answers, stop it."""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path

from achterhoek.embedded.binaries import Binaries
from achterhoek.embedded.errors import EmbeddedError
from achterhoek.embedded.owner import Owner
from achterhoek.embedded.places import DATABASE, ROLE, Places
from achterhoek.embedded.server import Server

SUPERUSER = "postgres"
# Code-point order from PostgreSQL itself: the same on every machine, also one without a UTF-8 locale.
INITDB = [
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-locale",
    "--auth-local=trust",  # the sockets are in a folder that only the owner and root can enter
    "--auth-host=reject",
    "--no-instructions",
]
DURABLE = {"max_connections": "100"}
# The tests' cluster may be lost at any moment; nobody waits for its disk.
FLEETING = {
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "30min",
}


def server(places: Places) -> Server:
    return Server(places.home, "postgres", "postgres")


def answers(places: Places) -> bool:
    """Whether the application could work with it now: it takes connections and its database is there."""
    return places.created.exists() and _connects(places, ROLE, DATABASE)


def launch(places: Places, owner: Owner, binaries: Binaries) -> subprocess.Popen[bytes]:
    """Start it, on a Unix socket only; makes the cluster where there is none."""
    _make_cluster(places, owner, binaries)
    _check_version(places, binaries)
    # Nothing of it lives (the caller knows by the lock), so what a killed one left behind is in the way only.
    for stale in (places.postgres / "postmaster.pid", places.postgres_socket, _socket_lock(places)):
        stale.unlink(missing_ok=True)
    options = {
        "listen_addresses": "",
        "unix_socket_directories": '"' + str(places.sockets).replace('"', '""') + '"',
        **(DURABLE if places.durable else FLEETING),
    }
    command = [str(binaries.postgres), "-D", str(places.postgres)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    return server(places).launch(command, owner)


def finish_start(places: Places) -> bool:
    """One look at a starting server; true once it takes connections and the database is there."""
    if not _connects(places, SUPERUSER, "postgres"):
        return False
    if not places.created.exists():
        _make_database(places)
        places.created.touch()
    return True


def ask_to_stop(places: Places, *, urgently: bool = False) -> None:
    """Fast shutdown: open transactions are rolled back; `urgently` leaves recovery to the next start."""
    server(places).signal(signal.SIGQUIT if urgently else signal.SIGINT)


def clear_orphans(places: Places) -> None:
    """End the backends that a killed postmaster left: they hold its memory and keep it from starting."""
    import psutil

    if server(places).signal(signal.SIGCONT):
        return  # the postmaster itself lives: it is starting, recovering or stopping
    for process in psutil.process_iter(["name", "cwd"]):
        if (process.info["name"] or "").startswith("postgres") and process.info["cwd"] == str(places.postgres):
            process.kill()


def _address(places: Places, role: str, database: str) -> str:
    from psycopg.conninfo import make_conninfo

    return make_conninfo("", host=str(places.sockets), user=role, dbname=database, connect_timeout=10)


def _connects(places: Places, role: str, database: str) -> bool:
    import psycopg

    try:
        psycopg.connect(_address(places, role, database)).close()
    except psycopg.OperationalError:
        return False
    return True


def _make_cluster(places: Places, owner: Owner, binaries: Binaries) -> None:
    """Make the data folder beside its place and move it there whole, so that a half one is never started."""
    if places.postgres.exists():
        return
    fresh = places.home / "postgres.new"
    shutil.rmtree(fresh, ignore_errors=True)
    places.created.unlink(missing_ok=True)
    owner.make_folder(fresh)
    command = [str(binaries.initdb), "-D", str(fresh), "-U", SUPERUSER, *INITDB]
    if not places.durable:
        command.append("--no-sync")
    made = subprocess.run(command, capture_output=True, text=True, check=False, **owner.popen())
    if made.returncode:
        raise EmbeddedError(f"PostgreSQL's data folder could not be made:\n{made.stderr.strip()}")
    fresh.rename(places.postgres)


def _make_database(places: Places) -> None:
    """A role that owns its database and may make others (the tests'); no superuser, as in production."""
    import psycopg
    from psycopg import sql

    role, database = sql.Identifier(ROLE), sql.Identifier(DATABASE)
    with psycopg.connect(_address(places, SUPERUSER, "postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(role))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))


def _check_version(places: Places, binaries: Binaries) -> None:
    """A newer PostgreSQL does not read an older one's data: say so rather than fail in the log."""
    made_by = (places.postgres / "PG_VERSION").read_text().strip()
    told = subprocess.run([str(binaries.postgres), "--version"], capture_output=True, text=True, check=True).stdout
    runs = told.split()[-1].split(".")[0]
    if made_by != runs:
        raise EmbeddedError(f"{places.postgres} was made by PostgreSQL {made_by} and this is {runs}: move it away.")


def _socket_lock(places: Places) -> Path:
    return places.postgres_socket.with_name(places.postgres_socket.name + ".lock")
