"""What most tests of the rounds begin with."""

from __future__ import annotations

import pytest

from tests.factories.submissions import Fair, open_fair


@pytest.fixture
def fair() -> Fair:
    """A published tender whose round is open, with two segments and every kind of question."""
    return open_fair()
