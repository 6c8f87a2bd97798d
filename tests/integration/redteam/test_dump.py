"""Somebody takes the database along, and the folder of files: rows, raw data files, and the log of writes. In nothing
of that is a mark, nor a key (issue "sealed submissions", shows 3).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from achterhoek.embedded.places import locate
from achterhoek.embedded.postgres import SUPERUSER
from achterhoek.sealing.models import SealingKey
from achterhoek.sealing.services import secret_of
from procurement.enums import VaultContent
from procurement.models import Round, VaultKey
from tests.factories.submissions import open_fair
from tests.integration.redteam.crawler import run_queue
from tests.integration.redteam.marks import Marks, forms_of, in_base64
from tests.integration.redteam.sealed_round import SealedRound, open_vault, sealed_round
from tests.uploading import everything_stored

pytestmark = pytest.mark.django_db(transaction=True)
WAL_PAGE = 8192
ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def rows() -> Iterator[tuple[str, bytes]]:
    """Every row of every table, as text: what a dump of the database holds; and its large objects."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) FROM information_schema.tables"
            " WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        )
        for (table,) in cursor.fetchall():
            with cursor.copy(f"COPY {table} TO STDOUT") as copy:
                yield table, b"".join(bytes(piece) for piece in copy)
        cursor.execute("SELECT count(*) FROM pg_largeobject_metadata")
        assert cursor.fetchone() == (0,)


def unhexed(dump: bytes) -> bytes:
    """The same with binary columns as the bytes that they are."""
    found = []
    for field in dump.replace(b"\n", b"\t").split(b"\t"):
        if field.startswith(b"\\\\x"):
            found.append(bytes.fromhex(field[3:].decode()))
    return b"\n".join(found)


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """The log of writes is one for all databases: what one of these tests leaks on purpose another would find. And all
    of it stays until it is read, however much others write meanwhile.
    """
    with superuser("postgres") as held:
        held.execute("SELECT pg_advisory_lock(2108)")
        held.execute("ALTER SYSTEM SET wal_keep_size = '8GB'")
        held.execute("SELECT pg_reload_conf()")
        yield
        held.execute("ALTER SYSTEM RESET wal_keep_size")
        held.execute("SELECT pg_reload_conf()")


def superuser(database: str = "") -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=str(locate().sockets), user=SUPERUSER, dbname=database or connection.settings_dict["NAME"], autocommit=True
    )


def write_position(held: psycopg.Connection[Any]) -> tuple[str, int]:
    """The file in which PostgreSQL now logs what it writes, and how far that is filled, to the page."""
    row = held.execute("SELECT (pg_walfile_name_offset(pg_current_wal_lsn() + 1)).*").fetchone()
    assert row is not None
    return str(row[0]), -(-int(row[1]) // WAL_PAGE) * WAL_PAGE


def new_log() -> str:
    """From here on it is logged in another file, so that what other tests wrote is in none that we read."""
    with superuser() as held:
        held.execute("SELECT pg_switch_wal()")
        return write_position(held)[0]


def raw_files(since: str) -> Iterator[tuple[str, bytes]]:
    """The files of this database as PostgreSQL keeps them, dead rows and all, and its log of writes since then."""
    with superuser() as held:
        held.execute("CHECKPOINT")
        (number,) = held.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone() or (0,)
        last, filled = write_position(held)
    data = locate().postgres
    assert (data / "pg_wal" / since).exists()
    for path in sorted((data / "base" / str(number)).iterdir()):
        yield f"heap {path.name}", _read(path)
    for path in sorted((data / "pg_wal").iterdir()):
        if path.is_file() and since <= path.name <= last:
            # Beyond where it is filled stands what an older log of the same file held.
            yield f"log of writes {path.name}", path.read_bytes()[: filled if path.name == last else None]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        # PostgreSQL makes its list of the catalogue's tables anew when one of those changes; no table goes.
        assert path.name == "pg_internal.init"
        return b""


def everything(since: str) -> Iterator[tuple[str, bytes]]:
    for table, dump in rows():
        yield f"table {table}", dump
        yield f"binary columns of {table}", unhexed(dump)
    for key, content in everything_stored().items():
        yield f"file {key}", content
    if settings.SCRATCH_DIR:
        for path in Path(settings.SCRATCH_DIR).rglob("*"):
            yield f"scratch {path.name}", path.read_bytes()
    yield from raw_files(since)


def raw_key(secret: str) -> bytes:
    """The 32 bytes of an age private key (BIP 173 without its checksum)."""
    values = [ALPHABET.index(letter) for letter in secret.lower().rpartition("1")[2][:-6]]
    bits = "".join(f"{value:05b}" for value in values)
    return bytes(int(bits[place : place + 8], 2) for place in range(0, 256, 8))


def key_forms(found: SealedRound) -> dict[str, tuple[list[bytes], list[bytes]]]:
    """Every private key that there is or was, in every form in which it could lie somewhere; the custodians' words."""
    secrets = {f"file {number}": secret for number, secret in enumerate(sorted(found.keys))}
    secrets |= {str(key): secret_of(key) for key in SealingKey.objects.filter(wrapped__isnull=False)}
    secrets |= {f"key service {number}": secret for number, secret in enumerate(settings.SEALING_KEYS)}
    forms: dict[str, tuple[list[bytes], list[bytes]]] = {}
    for name, secret in secrets.items():
        body = secret.lower().rpartition("1")[2][:40]
        raw = raw_key(secret)
        exact = [raw, raw.hex().encode(), *in_base64(raw), *in_base64(body.upper().encode())]
        forms[name] = ([body.encode()], exact)
    for paper in found.papers:
        for start in range(0, len(paper.words) - 4, 4):
            words = " ".join(paper.words[start : start + 4])
            forms[f"words {start} of {paper.holder}"] = forms_of(words.encode())
    return forms


def search(found: SealedRound, since: str) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """The marks, and the keys, by where they are."""
    marked: dict[str, set[str]] = {}
    leaked: dict[str, set[str]] = {}
    forms = key_forms(found)
    for place, content in everything(since):
        # What PostgreSQL writes as it is needs no other spelling; there may be much of it.
        raw = place.startswith(("heap", "log"))
        if hits := found.marks.found_in_layers(content):
            marked.setdefault(place, set()).update(hits)
        lower = content.lower()
        if b"age-secret-key-1" in lower:
            leaked.setdefault(place, set()).add("something that looks like a key")
        for name, (either, exact) in forms.items():
            if any(form in lower for form in either) or any(form in content for form in exact[: 1 if raw else None]):
                leaked.setdefault(place, set()).add(name)
    return marked, leaked


@pytest.mark.long
@pytest.mark.parametrize("custodians", [False, True], ids=["key service", "custodians"])
def test_nothing_of_a_sealed_round_can_be_read_without_its_keys(custodians: bool) -> None:
    since = new_log()
    found = sealed_round(custodians=custodians)
    run_queue()
    found.close()
    withheld = VaultKey.objects.filter(round=found.round, content=VaultContent.CONTENT, key__wrapped__isnull=True)
    assert withheld.exists() is custodians
    assert search(found, since) == ({}, {})
    open_vault(found)
    marked, leaked = search(found, since)
    assert leaked == {}
    told = set().union(*marked.values())
    # What counts lies open now, for those who judge it; prices, drafts and earlier versions do not, nor files.
    assert {"handed:first", "replaced:second", "replacing:first"} <= {":".join(one.split(":")[:2]) for one in told}
    assert {one for one in told if one.split(":")[2] in ("price", "pdf-text", "pdf-title")} == set()
    assert {one for one in told if one.startswith(("drafter", "withdrawn", "reopened", "replaced:first"))} == set()
    assert Round.objects.get(pk=found.round.pk).status == "opened"


def test_the_search_finds_what_is_there() -> None:
    """The searches above would find a mark or a key, in any of these forms."""
    since = new_log()
    found = SealedRound(open_fair(), Marks())
    word, number = found.marks.word("here:it:is"), found.marks.number("here:the:number")
    key = SealingKey.objects.create(purpose=word, public="age1", wrapped=None)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE leak_numbers (number numeric(16, 4), held bytea)")
        cursor.execute("INSERT INTO leak_numbers VALUES (%s, %s)", [number, settings.SEALING_KEYS[0].encode()])
    try:
        marked, leaked = search(found, since)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE leak_numbers")
    key.delete()
    places = {
        label: {place.split()[0] for place, labels in marked.items() if label in labels}
        for label in found.marks.told.values()
    }
    assert places == {"here:it:is": {"table", "heap", "log"}, "here:the:number": {"table", "heap", "log"}}
    assert {place.split()[0] for place, names in leaked.items() if "key service 0" in names} >= {
        "heap",
        "log",
        "binary",
    }
    for wrapped in (word.upper(), base64.b64encode(f"xx{word}yy".encode()).decode(), word.encode().hex()):
        assert found.marks.found_in(wrapped.encode()) == {"here:it:is"}
    assert found.marks.found_in(word.encode("utf-16")) == {"here:it:is"}
    assert found.marks.found_in(f"{number:,}".replace(",", ".").encode()) == {"here:the:number"}
