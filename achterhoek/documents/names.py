"""Names of files, as their uploaders gave them."""

from __future__ import annotations

from pathlib import PurePath


def clean_name(name: str) -> str:
    """The last part of the given name, without control characters, and short enough to keep."""
    plain = "".join(c for c in PurePath(name.replace("\\", "/")).name if c.isprintable()).strip()
    return plain[-200:] if plain.strip(".") else "document.pdf"
