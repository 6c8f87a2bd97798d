"""What all tests share: the embedded PostgreSQL and Valkey are started once, before Django needs them."""

from __future__ import annotations

import gc
import os

os.environ.setdefault("EMBEDDED_FSYNC", "off")

from achterhoek.embedded import ensure_for_settings

ensure_for_settings()

import pytest  # noqa: E402
from django.utils import translation  # noqa: E402
from hypothesis import settings  # noqa: E402

from tests import emptying  # noqa: E402

# A machine that is busy with other tests is no fault of an example.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
emptying.use_it()


def pytest_collection_finish() -> None:
    """What is loaded now stays until the end: to look through all of it for rubbish again and again takes a fifth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(autouse=True)
def dutch() -> None:
    """Each test begins in Dutch, as a visitor does."""
    translation.activate("nl")
