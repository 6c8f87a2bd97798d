"""How large a file is, in words: the same on every page, in every refusal and in the browser's own script."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format
from django.utils.translation import ngettext

NBSP = "\u00a0"
# Each unit, what it counts (1,024 of the one before it, as computers show it), and its decimals.
_UNITS = (("GB", 1024**3, 1), ("MB", 1024**2, 1), ("kB", 1024, 0))


def format_size(size: int) -> str:
    """`2,4 MB`, and `2 GB` where nothing stands behind the comma."""
    for unit, counts, places in _UNITS:
        if size >= counts:
            shown = (Decimal(size) / counts).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
            whole = shown == shown.to_integral_value()
            return f"{number_format(shown, decimal_pos=0 if whole else places, force_grouping=True)}{NBSP}{unit}"
    return ngettext("%(size)d byte", "%(size)d bytes", size) % {"size": size}
