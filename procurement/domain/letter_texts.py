"""A region's own words in a letter, with fields between braces: `Beste mensen van {aanbieder}`. Pure.

Only the fields below are known; two braces print one. What is not known is named, so that a letter with a hole in it
cannot come about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# What may stand between braces, in both languages: what every letter of a decision knows.
FIELDS: Final = (
    "aanbieder", "aanbesteding", "perceel", "segment", "kenmerk", "uw_kenmerk", "regio", "datum", "afzender",
)  # fmt: skip

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


@dataclass(eq=False)
class TextFault(Exception):
    """What is wrong in a text: `unknown` is a field that does not exist, else the brace in `line` has no partner."""

    unknown: str
    line: int


def fields_in(text: str) -> tuple[str, ...]:
    """The fields of a text, in their order. Raises `TextFault` at the first thing that is not right."""
    found = []
    for match in _TOKEN.finditer(text):
        name = match.group(1)
        if name is None:
            if match.group() in ("{{", "}}"):
                continue
            raise TextFault("", text.count("\n", 0, match.start()) + 1)
        if name.strip() not in FIELDS:
            raise TextFault(name.strip() or "{}", text.count("\n", 0, match.start()) + 1)
        found.append(name.strip())
    return tuple(found)


def fault_in(text: str) -> TextFault | None:
    """What is wrong in a text; None where nothing is."""
    try:
        fields_in(text)
    except TextFault as fault:
        return fault
    return None


def paragraphs(text: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """The text with its fields filled in, a paragraph a piece (parted by empty lines). Raises `TextFault`."""
    fields_in(text)
    filled = _TOKEN.sub(lambda match: _filled(match, values), text.replace("\r\n", "\n"))
    parts = (" ".join(part.split()) for part in re.split(r"\n\s*\n", filled))
    return tuple(part for part in parts if part)


def _filled(match: re.Match[str], values: Mapping[str, str]) -> str:
    name = match.group(1)
    return values[name.strip()] if name is not None else match.group()[0]
