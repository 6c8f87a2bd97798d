"""Databases that are made once and copied: one with all tables, by the migrations, and one with the demo in it.

Running the migrations takes as long as hundreds of tests, and they are run again only where one of them changed, or a
package. The demo is loaded once in a run, whichever processes ask for it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from psycopg.conninfo import make_conninfo

from achterhoek.embedded.binaries import of_the_wheels
from contracts.bench.scratch import drop_database

ROOT = Path(__file__).resolve().parents[1]
APPS = ("achterhoek", "contracts", "procurement", "providers")
TABLES, DEMO = "template_of_tests_", "demo_of_tests_"
SERVER = ("host", "port", "user", "password")


def copy() -> str:
    """Make the test database that the settings name, and use it from now on; the name of the one that was used."""
    before: str = connection.settings_dict["NAME"]
    with _one_at_a_time() as cursor:
        connection.settings_dict["TEST"]["TEMPLATE"] = _kept(cursor, TABLES, _migrations(), _migrate)
        _use(connection.creation._create_test_db(verbosity=0, autoclobber=True))
    return before


def with_tables() -> str:
    """The name of the database that has all tables, and in them what the migrations put there."""
    name: str = connection.settings_dict["TEST"]["TEMPLATE"]
    return name


def pour(url: str) -> None:
    """The same for the empty database of another server, by the programs that come with the embedded one."""
    programs = of_the_wheels().postgres.parent
    ours = f"--dbname={_address(with_tables())}"
    dump = [programs / "pg_dump", "--no-owner", "--no-privileges", "--no-comments", ours]
    told = subprocess.run(dump, capture_output=True, check=True).stdout
    take_in = [programs / "psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--dbname={url}"]
    subprocess.run(take_in, input=told, capture_output=True, check=True)


def _address(name: str) -> str:
    given = connection.get_connection_params()
    return make_conninfo(**{part: given[part] for part in SERVER if given.get(part)}, dbname=name)


def drop(before: str) -> None:
    """Take the copy away, whoever still has a connection to it, and use the one of before again."""
    mine = connection.settings_dict["NAME"]
    _use(before)
    with connection.creation._nodb_cursor() as cursor:
        drop_database(cursor, mine)


@contextmanager
def demo() -> Iterator[None]:
    """Meanwhile this process works in a database with the demo, whose files lie in its storage."""
    before: str = connection.settings_dict["NAME"]
    mine = f"{before}_demo"
    with _one_at_a_time() as cursor:
        loaded = _kept(cursor, DEMO, _run(), _load)
        cursor.execute(f"DROP DATABASE IF EXISTS {mine}")
        cursor.execute(f"CREATE DATABASE {mine} TEMPLATE {loaded}")
    _use(mine)
    files = _unpack()
    try:
        yield
    finally:
        for name in files:
            default_storage.delete(name)
        _use(before)
        with connection.creation._nodb_cursor() as cursor:
            drop_database(cursor, mine)


@contextmanager
def _one_at_a_time() -> Iterator[Any]:
    """The second process finds what the first one made, and nobody's is taken away."""
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [TABLES])
        yield cursor


def _kept(cursor: Any, kind: str, digest: str, make: Callable[[str], None]) -> str:
    """The name of the database of this kind that was made of exactly this; others of the kind are dropped."""
    cursor.execute("SELECT datname, datistemplate FROM pg_database WHERE starts_with(datname, %s)", [kind])
    there = dict(cursor.fetchall())
    name = kind + digest
    if not there.pop(name, False):
        make(name)
        # Said last, so that half a database is never taken for a whole one.
        cursor.execute(f"ALTER DATABASE {name} IS_TEMPLATE true")
    for old in there:
        cursor.execute(f"ALTER DATABASE {old} IS_TEMPLATE false")
        cursor.execute(f"DROP DATABASE {old}")
    return name


def _migrations() -> str:
    """Another one for other migrations, ours or those of a package."""
    files = [ROOT / "requirements-dev.lock", ROOT / "achterhoek/settings/base.py", Path(__file__)]
    files += sorted(path for app in APPS for path in (ROOT / app).glob("**/migrations/*.py"))
    parts = [f"{path.relative_to(ROOT)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files]
    return _digest(*parts)


def _run() -> str:
    """The same for all processes of one run, which have the same keys; another one for any other run."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    return _digest(_migrations(), run, *settings.SEALING_KEYS, *settings.AUDIT_KEYS)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _migrate(name: str) -> None:
    """A database with all tables, their triggers, and the rows that the migrations put in them."""
    before, wanted = connection.settings_dict["NAME"], connection.settings_dict["TEST"]["NAME"]
    connection.settings_dict["TEST"]["NAME"] = name
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.settings_dict["TEST"]["NAME"] = wanted
        _use(before)


def _load(name: str) -> None:
    """A database with the demo, and its files in a table beside it."""
    from contracts.services.demo import load_demo
    from tests.integration.redteam.crawler import empty_queue
    from tests.uploading import everything_stored

    before = connection.settings_dict["NAME"]
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {connection.settings_dict['TEST']['TEMPLATE']}")
    other = set(everything_stored())
    _use(name)
    try:
        load_demo()
        empty_queue()
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE demo_files (name text, content bytea)")
            for key, content in everything_stored().items():
                if key not in other:
                    cursor.execute("INSERT INTO demo_files VALUES (%s, %s)", [key, content])
                    default_storage.delete(key)
    finally:
        _use(before)


def _unpack() -> list[str]:
    """Put the files of the demo into this process's storage; their names."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, content FROM demo_files")
        files = cursor.fetchall()
        cursor.execute("DROP TABLE demo_files")
    return [default_storage.save(name, ContentFile(bytes(content))) for name, content in files]


def _use(name: str) -> None:
    connection.close()
    settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = name
