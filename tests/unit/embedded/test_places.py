"""Where the servers of a checkout live: never in each other's way, never where someone else can reach in."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg.conninfo
import pytest
from redis.connection import parse_url

from achterhoek import embedded
from achterhoek.embedded.errors import EmbeddedError
from achterhoek.embedded.owner import make_private_root
from achterhoek.embedded.places import LONGEST_SOCKET_PATH, locate, may_enter
from achterhoek.settings.base import env


def checkout(folder: Path, name: str = "checkout") -> Path:
    made = folder / name
    made.mkdir(parents=True)
    return made


def test_two_checkouts_have_no_address_in_common(tmp_path: Path) -> None:
    one, other = (locate(checkout(tmp_path, name)) for name in ("one", "other"))
    assert embedded.database_url(one) != embedded.database_url(other)
    assert embedded.redis_url(places=one) != embedded.redis_url(places=other)
    assert embedded.celery_url(places=one) != embedded.celery_url(places=other)


def test_the_tests_never_share_the_demo_s_servers(tmp_path: Path) -> None:
    demo, tests = (
        locate(checkout(tmp_path, "c") if durable else tmp_path / "c", durable=durable) for durable in (True, False)
    )
    assert not {demo.home, demo.sockets} & {tests.home, tests.sockets}


def test_the_environment_asks_for_the_tests_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDDED_FSYNC", "off")
    assert locate().home.name == "embedded-test"
    monkeypatch.setenv("EMBEDDED_FSYNC", "on")
    assert locate().home.name == "embedded"


@pytest.mark.parametrize("as_root", [True, False])
@pytest.mark.parametrize("durable", [True, False])
def test_a_socket_s_path_always_fits_the_kernel(tmp_path: Path, as_root: bool, durable: bool) -> None:
    deep = checkout(tmp_path, "/".join(["a-rather-long-name-of-a-folder"] * 6))
    places = locate(deep, as_root=as_root, durable=durable)
    for path in (places.postgres_socket, places.valkey_socket):
        assert len(os.fsencode(path)) <= LONGEST_SOCKET_PATH
    assert places.private is None or places.private in places.sockets.parents


def test_the_data_stays_under_var_where_only_the_sockets_must_move(tmp_path: Path) -> None:
    deep = checkout(tmp_path, "/".join(["a-rather-long-name-of-a-folder"] * 6))
    assert locate(deep, as_root=False, durable=True).home == deep / "var" / "embedded"


def test_as_root_a_closed_folder_above_sends_everything_to_the_state_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    places = locate(checkout(tmp_path), as_root=True, states=tmp_path / "states")
    assert places.home.parent.parent == tmp_path / "states"
    assert places.sockets.is_relative_to(places.home)


def test_an_ordinary_user_keeps_all_under_var_whoever_is_kept_out(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    folder = checkout(tmp_path)
    assert locate(folder, as_root=False, durable=True).home == folder / "var" / "embedded"


def test_the_owner_of_a_closed_folder_may_enter_it_and_others_may_not(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    found = tmp_path.stat()
    assert may_enter(found, found.st_uid)
    assert not may_enter(found, found.st_uid + 1)
    assert not may_enter(found, None)


def test_asking_for_an_address_makes_nothing(tmp_path: Path) -> None:
    places = locate(checkout(tmp_path))
    embedded.database_url(places), embedded.redis_url(places=places), embedded.celery_url(places=places)
    assert list((tmp_path / "checkout").iterdir()) == []


def test_every_client_reads_its_address_alike(tmp_path: Path) -> None:
    places = locate(checkout(tmp_path, "with space"), as_root=False)
    url = embedded.database_url(places)
    assert psycopg.conninfo.conninfo_to_dict(url)["host"] == str(places.sockets)
    assert env.db_url_config(url)["OPTIONS"] == {"host": str(places.sockets)}
    assert parse_url(embedded.redis_url(3, places=places))["path"] == str(places.valkey_socket)


def test_a_foreseeable_folder_is_accepted_only_when_it_is_ours_alone(tmp_path: Path) -> None:
    make_private_root(tmp_path / "made")
    make_private_root(tmp_path / "made")  # ours, from the last time

    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "link").symlink_to(tmp_path / "made")
    (tmp_path / "file").touch()
    for name in ("open", "link", "file"):
        with pytest.raises(EmbeddedError, match="not a private folder"):
            make_private_root(tmp_path / name)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, {"postgres": True, "valkey": True}),
        ({"DATABASE_URL": "postgres://db.example/a"}, {"postgres": False, "valkey": True}),
        ({"REDIS_URL": "redis://valkey.example"}, {"postgres": True, "valkey": False}),
        ({"DATABASE_URL": "postgres://db.example/a", "REDIS_URL": "redis://valkey.example"}, None),
        ({"DJANGO_SETTINGS_MODULE": "achterhoek.settings.production"}, None),
    ],
)
def test_only_what_the_environment_does_not_name_is_started(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: dict[str, bool] | None
) -> None:
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    asked: list[dict[str, bool]] = []
    monkeypatch.setattr(embedded, "ensure_running", lambda **wanted: asked.append(wanted))
    embedded.ensure_for_settings()
    assert asked == ([] if expected is None else [expected])
