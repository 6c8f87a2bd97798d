"""What most tests of the rounds begin with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from achterhoek.accounts.models import User
from tests.factories.submissions import Fair, open_fair
from tests.uploading import everything_stored, nothing_refers_to


@pytest.fixture
def fair() -> Fair:
    """A published tender whose round is open, with two segments and every kind of question."""
    return open_fair()


@pytest.fixture
def jan(fair: Fair) -> User:
    """Somebody who may sign for an organisation, which is `jan.organisation`."""
    organisation, by = fair.bidder()
    by.organisation = organisation
    return by


@pytest.fixture
def strays() -> Callable[[], set[str]]:
    """Asks what lies in storage, came there in this test, and belongs to nothing."""
    before = set(everything_stored())
    return lambda: nothing_refers_to() - before
