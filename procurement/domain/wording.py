"""Wording that compares bids with each other, in a motivation that has to stand on its own.

A score is given against the announced criterion, not against the other bids, unless the documents say so: a motivation
that says "beter dan" invites the question with whom was compared, and why (equal treatment, Aw 1.8). Pointed out, never
refused: whether it is wrong in its place is for people to judge.
"""

import re

_WORSE_OR_BETTER = (
    r"beter|best|slechter|minder|meer|sterker|zwakker|vollediger|uitgebreider|concreter|hoger|lager|"
    r"overtuigender|duidelijker|onduidelijker|groter|kleiner|sneller|langzamer|dieper|scherper|beperkter"
)
_OTHERS = r"(?:inschrijv\w+|aanbieders?|bieders?|partijen|partij|gegadigden?|organisaties|kandidaten|plannen|verzoeken)"
_PATTERNS = (
    # "beter dan", "minder uitgewerkt dan"; not "meer dan voldoende" or "meer dan 10": those compare with no bid.
    rf"\b(?:{_WORSE_OR_BETTER})(?:\s+\w+)?\s+dan\b(?!\s+(?:voldoende|genoeg|gevraagd|vereist|nodig|verwacht|\d))",
    r"\bin\s+(?:vergelijking|verhouding|tegenstelling)\s+(?:met|tot)\b",
    r"\b(?:vergeleken|afgezet)\s+(?:met|bij|tegen)\b",
    r"\bten\s+opzichte\s+van\b",
    rf"\b(?:de|een|alle|veel|sommige|enkele|meeste)\s+(?:andere|overige)\s+{_OTHERS}\b",
    rf"\b(?:andere|overige)\s+{_OTHERS}\b",
    r"\bde\s+anderen\b",
    rf"\b(?:de|het)\s+(?:beste|slechtste|sterkste|zwakste|meest\s+\w+|minst\s+\w+)\s+(?:van|onder)\b(?:\s+(?:de|alle))?(?:\s+{_OTHERS})?",
    r"\bonderscheidt\s+zich\b",
    r"\bsteekt\s+(?:\w+\s+){0,2}(?:boven|af)\b",
    r"\bconcurren\w+\b",
)
_ALL = "|".join(f"(?:{pattern})" for pattern in _PATTERNS)
_COMPARING = re.compile(_ALL, re.IGNORECASE)

# The same list for a browser, which points it out while somebody types: with the flags "giu" it finds the same.
BROWSER_PATTERN = _ALL.replace(r"\w", r"[\p{L}\p{N}_]")


def comparative_phrases(text: str) -> tuple[str, ...]:
    """The phrases in `text` that seem to compare with other bids: as written, each once, in the order of the text."""
    found = [" ".join(match.group().split()) for match in _COMPARING.finditer(text)]
    seen: dict[str, str] = {}
    for phrase in found:
        seen.setdefault(phrase.lower(), phrase)
    return tuple(seen.values())
