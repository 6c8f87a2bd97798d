"""Exact numbers: decimal strings in, rationals inside, rounded decimal strings out.

Nothing is rounded before bids are put in order; rounding is for showing only.
"""

import re
from decimal import Decimal
from fractions import Fraction

SHOWN_DECIMALS = 4
_UNIT = 10**SHOWN_DECIMALS
_DECIMAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")
# Python refuses to turn longer texts into an int in one go; Decimal has no such limit and is as exact.
_INT_DIGITS = 4000
_INT_BITS = 13000


def parse_decimal(text: str) -> Fraction | None:
    """The number a decimal string stands for, or None where it is not one (`+1`, `1e3`, `.5`, ` 1`)."""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        return None
    sign, whole, decimals = match.group(1), match.group(2), match.group(3) or ""
    value = Fraction(parse_whole(whole + decimals), 10 ** len(decimals))
    return -value if sign else value


def parse_whole(digits: str) -> int:
    """An integer out of any number of digits, with or without a minus sign."""
    return int(digits) if len(digits) <= _INT_DIGITS else int(Decimal(digits))


def whole_text(number: int) -> str:
    """The digits of an integer of any size."""
    return str(number) if number.bit_length() <= _INT_BITS else f"{Decimal(number):f}"


def shown(value: Fraction) -> str:
    """Rounded half up (away from zero) to four decimals, trailing zeros dropped; never `-0`."""
    numerator, denominator = value.numerator, value.denominator
    units = (2 * _UNIT * abs(numerator) + denominator) // (2 * denominator)
    whole, decimals = divmod(units, _UNIT)
    text = whole_text(whole)
    if decimals:
        text += "." + f"{decimals:0{SHOWN_DECIMALS}d}".rstrip("0")
    return "-" + text if numerator < 0 and units else text
