"""The demo's own data files (procurement/data/README.md)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(str(files("procurement").joinpath("data", "demo")))
NAMES = ("accounts", "history", "practice", "providers", "texts", "years")
# The C parser where PyYAML has it: the files are long.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Document = dict[str, Any]


@dataclass(frozen=True)
class DemoFiles:
    """The six files of the demo."""

    accounts: Document
    history: Document
    practice: Document
    providers: Document
    texts: Document
    years: Document


@cache
def read_file(name: str) -> Document:
    document: Document = yaml.load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), LOADER)  # noqa: S506
    return document


def read_files() -> DemoFiles:
    return DemoFiles(**{name: read_file(name) for name in NAMES})


def files_digest() -> str:
    """Tells one edition of the demo from another."""
    seen = hashlib.sha256()
    for name in NAMES:
        seen.update((FOLDER / f"{name}.yaml").read_bytes())
    return seen.hexdigest()
