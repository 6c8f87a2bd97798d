"""The pair of servers: start what is missing, one process at a time, and stop both."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from achterhoek.embedded import postgres as pg
from achterhoek.embedded import valkey as vk
from achterhoek.embedded.binaries import binaries_for
from achterhoek.embedded.errors import EmbeddedError
from achterhoek.embedded.owner import Owner, make_private_root, owner_for
from achterhoek.embedded.places import Places
from achterhoek.embedded.server import Server, lock, lock_if_free, share

START_SECONDS = 60.0
STOP_SECONDS = 30.0
PAUSE = 0.03
# A process that asked for the servers holds this lock, with others, until it ends.
_in_use: dict[Path, int] = {}


@dataclass(slots=True)
class Starting:
    """A server on its way up."""

    server: Server
    child: subprocess.Popen[bytes]
    ready: Callable[[], bool]


def running(places: Places) -> dict[str, bool]:
    """Which of the two answers."""
    return {"postgres": pg.answers(places), "valkey": vk.answers(places)}


def ensure_running(places: Places, *, postgres: bool, valkey: bool) -> None:
    """Start what is wanted and does not answer. A second caller waits for the first and finds all done."""
    make_home(places)
    if places.home not in _in_use:
        _in_use[places.home] = share(places.home / "in-use")
    if _missing(places, postgres, valkey):
        with lock(places.home / "lock"):
            _start(places, _missing(places, postgres, valkey))


def stop_if_idle(places: Places) -> None:
    """Stop both unless a process that asked for them lives: it may be between two connections."""
    if places.home.exists():
        with lock_if_free(places.home / "in-use") as held:
            if held is not None:
                stop(places)


def stop(places: Places) -> None:
    """Stop both and wait until they, and all their children, are gone."""
    if not places.home.exists():
        return
    with lock(places.home / "lock"):
        for module in (vk, pg):
            if module.server(places).alive():
                module.ask_to_stop(places)
        for module in (vk, pg):
            _await_end(places, module)


def reset(places: Places) -> None:
    """Stop both and throw their data and the portal's files away: the next start makes everything anew."""
    stop(places)
    if places.home.exists():
        with lock(places.home / "lock"):
            places.created.unlink(missing_ok=True)
            for folder in (places.postgres, places.valkey):
                shutil.rmtree(folder, ignore_errors=True)
    for name in ("files", "mail"):
        shutil.rmtree(places.under_var.parent / name, ignore_errors=True)


def _missing(places: Places, postgres: bool, valkey: bool) -> list[ModuleType]:
    wanted = [module for module, is_wanted in ((pg, postgres), (vk, valkey)) if is_wanted]
    return [module for module in wanted if not module.answers(places)]


def _start(places: Places, missing: list[ModuleType]) -> None:
    missing = [module for module in missing if not _recovers(places, module)]
    if not missing:
        return
    owner = owner_for(places)
    binaries = binaries_for(places, owner)
    _make_socket_folder(places, owner)
    starting = [
        Starting(
            module.server(places),
            module.launch(places, owner, binaries),
            (lambda: pg.finish_start(places)) if module is pg else (lambda: vk.answers(places)),
        )
        for module in missing
    ]
    deadline = time.monotonic() + START_SECONDS
    while starting:
        starting = [one for one in starting if not _is_up(one, deadline)]
        time.sleep(PAUSE if starting else 0)


def _is_up(one: Starting, deadline: float) -> bool:
    if one.ready():
        one.child.returncode = 0  # it lives on without us; Popen need not warn that we never waited for it
        return True
    if one.child.poll() is not None:
        raise EmbeddedError(f"{one.server.label} did not start:\n{one.server.last_words()}")
    if time.monotonic() > deadline:
        raise EmbeddedError(f"{one.server.label} is not ready after {START_SECONDS:.0f} s; see {one.server.log}.")
    return False


def _recovers(places: Places, module: ModuleType) -> bool:
    """Wait for one that lives without answering: true once it answers, false once all of it is gone.

    It may be reading its data after a power cut, be on its way down, or be what `kill -9` left of it.
    """
    deadline = time.monotonic() + START_SECONDS
    while module.server(places).alive():
        if module.answers(places):
            return True
        if module is pg:
            pg.clear_orphans(places)
        if time.monotonic() > deadline:
            server = module.server(places)
            raise EmbeddedError(f"{server.label} lives but does not answer; see {server.log}.")
        time.sleep(PAUSE)
    return False


def _await_end(places: Places, module: ModuleType) -> None:
    server = module.server(places)
    urgent, end = time.monotonic() + STOP_SECONDS, time.monotonic() + 2 * STOP_SECONDS
    while server.alive():
        if time.monotonic() > end:
            raise EmbeddedError(f"{server.label} does not stop; see {server.log}.")
        if time.monotonic() > urgent:
            module.ask_to_stop(places, urgently=True)
        if module is pg:
            pg.clear_orphans(places)
        time.sleep(PAUSE)
    server.pid_file.unlink(missing_ok=True)


def make_home(places: Places) -> None:
    """Make the folders above the data: ours to write, others may pass through (the data itself is closed)."""
    if places.home != places.under_var and not places.postgres.exists() and (places.under_var / "postgres").exists():
        raise EmbeddedError(
            f"the data is in {places.under_var}, where the user it runs under can no longer reach it: "
            f"open the folders above it again, or move it to {places.home}."
        )
    folders = [places.home, *places.home.parents]
    for folder in reversed([folder for folder in folders if not folder.exists()]):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)


def _make_socket_folder(places: Places, owner: Owner) -> None:
    if places.private is not None:
        make_private_root(places.private)
        places.sockets.parent.mkdir(mode=0o755, exist_ok=True)
        places.sockets.parent.chmod(0o755)
    owner.make_folder(places.sockets)
