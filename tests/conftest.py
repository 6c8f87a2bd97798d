"""What all tests share: the embedded PostgreSQL and Valkey are started once, before Django needs them."""

from __future__ import annotations

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


@pytest.fixture(autouse=True)
def dutch() -> None:
    """Each test begins in Dutch, as a visitor does."""
    translation.activate("nl")
