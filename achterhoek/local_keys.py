"""Keys of the demo and of development: made once, kept in a folder of their own, readable by their owner only.

Beside the database and the folder of files, never in them. Production gets its keys from the environment.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def local_secret(name: str, make: Callable[[], str], *, folder: Path) -> str:
    """The secret of this name; made where it is not there yet. Two processes at once get the same one."""
    path = folder / name
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, made = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "w") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(made, path)  # fails where another process was first; theirs holds
        except FileExistsError:
            pass
        finally:
            Path(made).unlink()
    return path.read_text().strip()
