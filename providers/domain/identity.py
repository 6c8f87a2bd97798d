"""The numbers by which a care provider is known. Pure."""

from __future__ import annotations

DIGITS = frozenset("0123456789")


def clean_number(value: str) -> str:
    """A number as it is kept: without the spaces, dots and dashes with which people write it."""
    return "".join(c for c in value if c not in " .-\u00a0")


def one_line(value: str) -> str:
    """A name as it is kept: on one line, without signs that nobody sees (a turned reading order, no width)."""
    return "".join(c for c in " ".join(value.split()) if c.isprintable()).strip()


def is_kvk_number(value: str) -> bool:
    """KvK numbers have 8 digits and no check digit; none is all zeros (domain.md, section 6)."""
    return len(value) == 8 and set(value) <= DIGITS and value != "00000000"


def is_agb_code(value: str) -> bool:
    """AGB codes have 8 digits: 2 for the kind of care, 6 for the provider, neither all zeros."""
    return len(value) == 8 and set(value) <= DIGITS and value[:2] != "00" and value[2:] != "000000"
