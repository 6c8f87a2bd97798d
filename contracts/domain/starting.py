"""When a contract begins, what it is called, and until when an option may be decided."""

from __future__ import annotations

from datetime import date, timedelta

from contracts.domain.terms import notice_latest

_DAY = timedelta(days=1)
_PREFIX_LETTERS = 3


def first_day(planned: date | None, final_on: date) -> date:
    """The first day of a contract: as planned, where that is not before the award became final.

    Nothing may be signed before the standstill has ended (Aw 2.131), so a contract cannot begin before
    its award is final. A planned start that has been overtaken (or none) becomes the first day of the
    month after that day, so that care and payment begin on a whole month.
    """
    if planned is not None and planned >= final_on:
        return planned
    year, month = (final_on.year + 1, 1) if final_on.month == 12 else (final_on.year, final_on.month + 1)
    return date(year, month, 1)


def number_prefix(region_slug: str, year: int) -> str:
    """`achterhoek`, 2026 -> `ACH-2026-`: the region's first three letters, and the year of making."""
    letters = "".join(c for c in region_slug if c.isalpha())[:_PREFIX_LETTERS].upper()
    return f"{letters or 'REG'}-{year}-"


def option_latest(next_start: date, notice_months: int) -> date:
    """The last day on which an option may be decided; without notice months the day before it begins."""
    if notice_months == 0:
        return next_start - _DAY
    return notice_latest(next_start, notice_months)
