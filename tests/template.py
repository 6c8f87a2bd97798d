"""One database with all tables, made by the migrations once and copied for every process that tests.

Running the migrations takes as long as hundreds of tests. They are run again where one of them changed, or a package.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]
APPS = ("achterhoek", "contracts", "procurement", "providers")
PREFIX = "template_of_tests_"


def copy() -> str:
    """Make the test database that the settings name, and use it from now on; the name of the one that was used."""
    before: str = connection.settings_dict["NAME"]
    with connection.creation._nodb_cursor() as cursor:
        # One process at a time: the second one finds what the first one made, and nobody's is taken away.
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [PREFIX])
        connection.settings_dict["TEST"]["TEMPLATE"] = _template(cursor)
        _use(connection.creation._create_test_db(verbosity=0, autoclobber=True))
    return before


def _template(cursor: Any) -> str:
    """The name of the template for what the migrations are now; others are dropped."""
    cursor.execute("SELECT datname, datistemplate FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
    there = dict(cursor.fetchall())
    name = PREFIX + _digest()
    if not there.pop(name, False):
        _make(name)
        # Said last, so that half a database is never taken for a whole one.
        cursor.execute(f"ALTER DATABASE {name} IS_TEMPLATE true")
    for old in there:
        cursor.execute(f"ALTER DATABASE {old} IS_TEMPLATE false")
        cursor.execute(f"DROP DATABASE {old}")
    return name


def _digest() -> str:
    """Another one for other migrations, ours or those of a package."""
    files = [ROOT / "requirements-dev.lock", ROOT / "achterhoek/settings/base.py", Path(__file__)]
    files += sorted(path for app in APPS for path in (ROOT / app).glob("**/migrations/*.py"))
    whole = hashlib.sha256()
    for path in files:
        whole.update(f"{path.relative_to(ROOT)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]


def _make(name: str) -> None:
    """A database with all tables, their triggers, and the rows that the migrations put in them."""
    before, wanted = connection.settings_dict["NAME"], connection.settings_dict["TEST"]["NAME"]
    connection.settings_dict["TEST"]["NAME"] = name
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.settings_dict["TEST"]["NAME"] = wanted
        _use(before)


def _use(name: str) -> None:
    connection.close()
    settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = name
