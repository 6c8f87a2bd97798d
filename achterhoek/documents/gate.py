"""The one gate through which any file is read. Deny by default: an unknown kind is read by nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from achterhoek.documents.models import StoredFile

Rule = Callable[[Any, StoredFile], bool]
_rules: dict[str, Rule] = {}


def reads(kind: str) -> Callable[[Rule], Rule]:
    """Declare who reads files of this kind. Each kind has exactly one rule."""

    def register(rule: Rule) -> Rule:
        if _rules.setdefault(kind, rule) is not rule:
            raise ValueError(f"files of kind {kind} have a rule already")
        return rule

    return register


def may_read(user: Any, stored: StoredFile) -> bool:
    """Whether this user may read this file now."""
    rule = _rules.get(stored.kind)
    return rule is not None and rule(user, stored)
