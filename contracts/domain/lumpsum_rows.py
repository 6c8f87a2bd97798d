"""The columns of a file with lump sums; other systems read them, so they stay as they are. Pure."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Final

CONTRACT, PLACE, YEAR, AMOUNT = "contract", "gemeente", "jaar", "bedrag"
COLUMNS: Final = (CONTRACT, PLACE, YEAR, AMOUNT)


def read_amount(text: str) -> Decimal:
    """An amount as it stands in a sheet: `1.240.000,00`, `1240000`, `€ 1250,5`.

    A point before three digits separates thousands; any other point is the decimal one. Raises `ValueError`.
    """
    bare = re.sub(r"[\s\u00a0\u202f€]", "", text)
    if not re.fullmatch(r"-?[\d.,]+", bare):
        raise ValueError(text)
    if "," in bare:
        if not re.fullmatch(r"-?(\d+|\d{1,3}(\.\d{3})+),\d*", bare):
            raise ValueError(text)
        bare = bare.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"-?\d{1,3}(\.\d{3})+", bare):
        bare = bare.replace(".", "")
    try:
        return Decimal(bare)
    except InvalidOperation:
        raise ValueError(text) from None
