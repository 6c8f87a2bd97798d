"""Anybody who follows the public register: what it says on a day, and what differs between its versions."""

from __future__ import annotations

import re
from datetime import date

from playwright.sync_api import expect

from tests.e2e.chain.actors import Person
from tests.e2e.chain.contracting import in_dutch, read_register


def on_day(visitor: Person, segment: str, day: date, *, there: tuple[str, ...], gone: tuple[str, ...] = ()) -> None:
    """Who stands in the list of a day under this segment, and who does not."""
    read_register(visitor, day)
    now(visitor, segment, there=there, gone=gone)


def now(visitor: Person, segment: str, *, there: tuple[str, ...], gone: tuple[str, ...] = ()) -> None:
    """The same of the list that is before this visitor. What is told of versions below it does not count."""
    lines = visitor.main.get_by_role("region", name=re.compile(rf"^{re.escape(segment)}( \(\d+\))?$")).first
    for name in there:
        expect(lines).to_contain_text(name)
    for name in gone:
        expect(lines).not_to_contain_text(name)


def difference_since(
    visitor: Person, day: date, heading: str, *, there: tuple[str, ...], gone: tuple[str, ...]
) -> None:
    """From all versions to what differs since the one of this day, and who stands under this heading."""
    visitor.opens("/register/")
    visitor.follows("Versies vergelijken")
    visitor.follows(f"sinds {in_dutch(day)}")
    visitor.reads("Verschil tussen twee versies")
    now(visitor, heading, there=there)
    visitor.misses(*gone)
