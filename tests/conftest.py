"""What all tests share: the embedded PostgreSQL and Valkey are started once, before Django needs them."""

from __future__ import annotations

import os

os.environ.setdefault("EMBEDDED_FSYNC", "off")

from achterhoek.embedded import ensure_for_settings

ensure_for_settings()

import pytest  # noqa: E402
from django.utils import translation  # noqa: E402
from hypothesis import settings  # noqa: E402

# A machine that is busy with other tests is no fault of an example.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """Once, after the tables were made: the log would refuse to be emptied after each test that commits."""
    from tests.audit_log import let_the_log_be_emptied

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        let_the_log_be_emptied()


@pytest.fixture(autouse=True)
def dutch() -> None:
    """Each test begins in Dutch, as a visitor does."""
    translation.activate("nl")
