"""A figure as people type it, in a form or in a file. Pure."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

# Two decimals at most, so that a point before three digits can only separate thousands.
_THOUSANDS: Final = re.compile(r"-?\d{1,3}(\.\d{3})+(,\d+)?")
_PLAIN: Final = re.compile(r"-?\d+([.,]\d+)?")
_LONGEST: Final = 15


def read_figure(text: str) -> Decimal | None:
    """`12,5`, `12.5`, `1.250` and `1 250`; nothing typed is None. Raises `ValueError` for what is no figure."""
    bare = re.sub(r"[\s\u00a0\u202f]", "", text)
    if not bare:
        return None
    if len(bare) > _LONGEST or not bare.isascii():
        raise ValueError("no figure")
    if _THOUSANDS.fullmatch(bare):
        return Decimal(bare.replace(".", "").replace(",", "."))
    if _PLAIN.fullmatch(bare):
        return Decimal(bare.replace(",", "."))
    raise ValueError("no figure")


def write_figure(value: Decimal | None) -> str:
    """As it is typed in Dutch, without zeros that say nothing: 12,5; nothing where it is not known."""
    if value is None:
        return ""
    whole = value == value.to_integral_value()
    plain = value.quantize(Decimal(1)) if whole else value.normalize()
    return f"{plain:f}".replace(".", ",")
