"""Under which user the servers run: ourselves, or, as root, a system user (PostgreSQL refuses root)."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from achterhoek.embedded.errors import EmbeddedError
from achterhoek.embedded.places import Places

SYSTEM_USER = "achterhoek-embedded"
# Where no user can be made (a read-only /etc), one that is there and owns nothing of the system's.
STAND_INS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Owner:
    """Who runs the servers and owns their data. `switch` is off where that is simply us."""

    uid: int
    gid: int
    switch: bool

    def popen(self) -> dict[str, Any]:
        """Arguments of `subprocess.Popen` that start a process under this user and no other rights."""
        common: dict[str, Any] = {"cwd": "/", "umask": 0o077, "stdin": subprocess.DEVNULL}
        return {**common, "user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else common

    def make_folder(self, folder: Path) -> None:
        """Make a folder that only this user (and root) can enter."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.switch:
            os.chown(folder, self.uid, self.gid, follow_symlinks=False)


def owner_for(places: Places) -> Owner:
    """Who owns the data that is there; else ourselves; as root a system user, made where it is missing."""
    if places.postgres.exists():
        uid = places.postgres.stat().st_uid
        if uid == os.geteuid() != 0:
            return Owner(uid, os.getegid(), switch=False)
        if os.geteuid() != 0 or uid == 0:
            raise EmbeddedError(f"{places.postgres} belongs to another user ({uid}): run this as that user or as root.")
        return _switch_to(_entry(uid))
    if os.geteuid() != 0:
        return Owner(os.geteuid(), os.getegid(), switch=False)
    return _switch_to(_system_user())


def make_private_root(folder: Path) -> None:
    """Make the short folder for sockets, or accept it only if it is ours and nobody else can write in it.

    A folder in /tmp has a name anyone can foresee: one that somebody else made first is never trusted.
    """
    as_root = os.geteuid() == 0
    try:
        folder.mkdir(mode=0o755 if as_root else 0o700)
        folder.chmod(0o755 if as_root else 0o700)
    except FileExistsError:
        pass
    found = folder.lstat()
    forbidden = 0o022 if as_root else 0o077
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & forbidden:
        raise EmbeddedError(f"{folder} is not a private folder of this user: remove it, or move the checkout.")


def _switch_to(entry: pwd.struct_passwd) -> Owner:
    return Owner(entry.pw_uid, entry.pw_gid, switch=True)


def _entry(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise EmbeddedError(f"the data belongs to user {uid}, who does not exist on this machine.") from None


def _system_user() -> pwd.struct_passwd:
    found = _named(SYSTEM_USER)
    if found is None and (useradd := shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")):
        subprocess.run(
            [
                useradd,
                "--system",
                "--user-group",
                "--no-create-home",
                "--shell",
                "/usr/sbin/nologin",
                SYSTEM_USER,
            ],
            check=False,
            capture_output=True,
        )
        found = _named(SYSTEM_USER)
    for name in STAND_INS:
        found = found or _named(name)
    if found is None or found.pw_uid == 0:
        raise EmbeddedError("PostgreSQL does not run as root, and there is no user to run it under: make one.")
    return found


def _named(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
