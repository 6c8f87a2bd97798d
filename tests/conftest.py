"""What all tests share: the embedded PostgreSQL and Valkey are started once, before Django needs them."""

from __future__ import annotations

import os

os.environ.setdefault("EMBEDDED_FSYNC", "off")

from achterhoek.embedded import ensure_for_settings

ensure_for_settings()

import pytest  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import translation  # noqa: E402
from hypothesis import settings  # noqa: E402

# A machine that is busy with other tests is no fault of an example.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """Tests that commit empty all tables afterwards, which the log refuses: here, in the tests' own database, it may.

    The tests of the log put that refusal back, each for itself.
    """
    from achterhoek.audit.models import AuditAnchor, AuditEvent, AuditLink

    with django_db_blocker.unblock(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        for model in (AuditEvent, AuditLink, AuditAnchor):
            names = [trigger.get_pgid(model) for trigger in model._meta.triggers if trigger.name == "no_truncate"]
            for name in names:
                cursor.execute(f"ALTER TABLE {model._meta.db_table} DISABLE TRIGGER {name}")


@pytest.fixture(autouse=True)
def dutch() -> None:
    """Each test begins in Dutch, as a visitor does."""
    translation.activate("nl")
