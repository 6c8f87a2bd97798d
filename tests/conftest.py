"""What all tests share: the embedded PostgreSQL and Valkey are started once, before Django needs them."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

os.environ.setdefault("EMBEDDED_FSYNC", "off")

from achterhoek.embedded import ensure_for_settings

ensure_for_settings()

import pytest  # noqa: E402
from django.utils import translation  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402
from pytest_django.plugin import DjangoDbBlocker  # noqa: E402

from tests import emptying, template  # noqa: E402

# A machine that is busy with other tests is no fault of an example; and the same code gives the same answer each time.
# To look for what no run has tried yet: ./run test tests/unit --hypothesis-profile=explore
settings.register_profile("house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", settings.get_profile("house"), derandomize=False, max_examples=2000)
settings.load_profile("house")
emptying.use_it()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones begin first, so that in the end nobody waits for one of them; the rest stays in its order.

    Each of two workers is given a half of the list and takes from the other's end once its own is done: so half of
    the long ones stand at the head, half in the middle.
    """
    long = [item for item in items if item.get_closest_marker("long")]
    rest = [item for item in items if not item.get_closest_marker("long")]
    half = len(items) // 2 - len(long[::2])
    items[:] = [*long[::2], *rest[:half], *long[1::2], *rest[half:]] if half > 0 else [*long, *rest]


def pytest_collection_finish() -> None:
    """What is loaded now stays until the end: to look through all of it for rubbish again and again takes a fifth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The database of this process: a copy of one that has all tables, instead of all migrations once more."""
    with django_db_blocker.unblock():
        before = template.copy()
    yield
    with django_db_blocker.unblock():
        template.drop(before)


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The demo, loaded once in a run: the tests of this file work in a copy of it."""
    with django_db_blocker.unblock(), template.demo():
        yield


@pytest.fixture(autouse=True)
def dutch() -> None:
    """Each test begins in Dutch, as a visitor does."""
    translation.activate("nl")
