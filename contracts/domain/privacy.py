"""No data of clients in this portal: what looks like a citizen service number (BSN) is not taken in. Pure."""

from __future__ import annotations

import re
from typing import Final

_NINE: Final = re.compile(
    r"(?<!\d)\d{9}(?!\d)|(?<!\d)\d{3}[ .]\d{3}[ .]\d{3}(?!\d)|(?<!\d)\d{4}[ .]\d{2}[ .]\d{3}(?!\d)"
)
_WEIGHTS: Final = (9, 8, 7, 6, 5, 4, 3, 2, -1)


def holds_bsn(text: str) -> bool:
    """Whether nine digits in this text pass the eleven test of a BSN; a telephone number has ten."""
    return any(_is_bsn([int(sign) for sign in found if sign.isdigit()]) for found in _NINE.findall(text))


def _is_bsn(digits: list[int]) -> bool:
    total = sum(weight * digit for weight, digit in zip(_WEIGHTS, digits, strict=True))
    return any(digits) and total % 11 == 0
