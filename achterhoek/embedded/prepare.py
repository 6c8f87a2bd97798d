"""What the portal needs before its first page: tables, demo data, styles. One process, one Django start.

Each step looks first whether it is needed, so that a second start does next to nothing.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "achterhoek.settings.local")
    import django

    django.setup()
    migrate()
    collect_static()
    load_demo()
    return 0


def migrate() -> None:
    """Bring the tables up to date."""
    from django.core.management import CommandError, call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("Making the tables ...")
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except CommandError as refused:
            sys.exit(str(refused))


def collect_static() -> None:
    """Put the styles and scripts together, again only where one of them changed."""
    from django.conf import settings
    from django.core.management import call_command

    folder = Path(settings.STATIC_ROOT)
    stamp = folder.with_name("staticfiles.digest")
    now = static_digest()
    if (folder / "staticfiles.json").exists() and stamp.exists() and stamp.read_text() == now:
        return
    say("Putting styles and scripts together ...")
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(now)


def static_digest() -> str:
    """Tells one set of static files from another, by their names, sizes and times."""
    from django.contrib.staticfiles.finders import get_finders

    seen = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            seen.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return seen.hexdigest()


def load_demo() -> None:
    """The regions, Inkoop 2022 as history, and a practice tender for each stage."""
    from django.core.management import call_command

    say("Looking after the demo data ...")
    call_command("load_demo", verbosity=0)


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
