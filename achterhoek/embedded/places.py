"""Where everything of one checkout lives. Pure computation: nothing is made, started or changed here.

Data belongs under ``var/``. Two things can stand in the way, and each has its answer:

* As root, PostgreSQL runs under a system user. Where a folder above the checkout is closed to others,
  that user could not reach ``var/``; then all goes to ``/var/lib/achterhoek-<hash>``.
* A Unix socket's path holds about a hundred bytes. Where the checkout's own path is longer, the sockets
  (not the data) go to a short private folder.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

DATABASE = "achterhoek"
ROLE = "achterhoek"
CHECKOUT = Path(__file__).resolve().parent.parent.parent

# sun_path holds 108 bytes on Linux and 104 on macOS, each with a closing zero.
LONGEST_SOCKET_PATH = 103
POSTGRES_SOCKET = ".s.PGSQL.5432"
VALKEY_SOCKET = "valkey.sock"


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of one pair of servers.

    `home` is `under_var`, or a folder in `/var/lib` where the servers' user could not reach that.
    `durable` is off for the tests' pair, which may lose data when the power goes. `private` is the short
    folder that holds the sockets where the home's own path is too long for them.
    """

    home: Path
    sockets: Path
    durable: bool
    under_var: Path
    private: Path | None

    @property
    def postgres(self) -> Path:
        return self.home / "postgres"

    @property
    def valkey(self) -> Path:
        return self.home / "valkey"

    @property
    def postgres_socket(self) -> Path:
        return self.sockets / POSTGRES_SOCKET

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / VALKEY_SOCKET

    @property
    def created(self) -> Path:
        """Made once the role and the database exist, so that half a start is never taken for a whole one."""
        return self.home / "postgres.created"


def locate(
    checkout: Path | None = None,
    *,
    durable: bool | None = None,
    as_root: bool | None = None,
    states: Path = Path("/var/lib"),
) -> Places:
    """The places of a checkout; `EMBEDDED_FSYNC=off` in the environment asks for the tests' own pair."""
    checkout = (checkout or CHECKOUT).resolve()
    durable = os.environ.get("EMBEDDED_FSYNC", "on").lower() != "off" if durable is None else durable
    as_root = os.geteuid() == 0 if as_root is None else as_root
    name = "embedded" if durable else "embedded-test"
    key = hashlib.sha256(os.fsencode(checkout)).hexdigest()[:10]
    state = states / f"achterhoek-{key}" if as_root else None

    home = under_var = (checkout / "var").resolve() / name
    if state is not None and ((state / name / "postgres").exists() or closed(under_var)):
        home = state / name
    sockets = home / "run"
    if too_long(sockets):
        private = state or Path("/tmp") / f"achterhoek-{os.geteuid()}-{key}"  # noqa: S108 - its owner and mode are checked
        sockets = private / name / "run"
    return Places(home=home, sockets=sockets, durable=durable, under_var=under_var, private=private_root(sockets, home))


def private_root(sockets: Path, home: Path) -> Path | None:
    """The folder outside the home that has to be made, and be ours alone, before a socket may go into it."""
    return None if sockets.is_relative_to(home) else sockets.parent.parent


def too_long(sockets: Path) -> bool:
    """Whether a socket in this folder has a longer path than the kernel takes."""
    return len(os.fsencode(sockets / POSTGRES_SOCKET)) > LONGEST_SOCKET_PATH


def closed(home: Path) -> bool:
    """Whether the user PostgreSQL will run under is kept out by a folder above `home`.

    That user is whoever owns the data that is there; before the first start, any user but root.
    """
    data = home / "postgres"
    owner = data.stat().st_uid if data.exists() else None
    return any(not may_enter(path.stat(), owner) for path in home.parents if path.exists())


def may_enter(folder: os.stat_result, user: int | None) -> bool:
    """Whether the user may pass through the folder: as its owner, or as one of the others."""
    needed = stat.S_IXUSR if folder.st_uid == user else stat.S_IXOTH
    return bool(folder.st_mode & needed)
