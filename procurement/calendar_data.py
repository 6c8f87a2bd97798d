"""The legal calendar in force: the holidays of the law, and the days added to them by royal decree."""

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files

from procurement.domain.periods import Calendar


@cache
def legal_calendar() -> Calendar:
    """The calendar with the days of `data/kb_days.toml`. Raises `ValueError` where the file is wrong."""
    text = files("procurement").joinpath("data/kb_days.toml").read_text(encoding="utf-8")
    days = tomllib.loads(text)["days"]
    wrong = [day for day in days if type(day) is not date]
    if wrong:
        raise ValueError(f"kb_days.toml: not a date: {wrong[0]!r}")
    return Calendar(frozenset(days))
