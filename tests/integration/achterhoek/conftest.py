"""What the tests of files share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.factories.documents import Desk


@pytest.fixture
def store(settings: Any, tmp_path: Path) -> Path:
    """A folder of files, and a room that takes them, of this test alone."""
    Desk.clear()
    folder = tmp_path / "files"
    folder.mkdir()
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "achterhoek.documents.storage.DurableFileSystemStorage",
            "OPTIONS": {"location": str(folder), "fsync": False},
        },
    }
    return folder
