"""The one gate through which any file is read. Deny by default: an unknown kind is read by nobody.

Two questions: may this user read the file, and who has its key. Most sealed files carry their key in their envelope;
one that is part of a sealed package does not, and its room says whether this user's own key opens that package.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from achterhoek.documents.models import Scan, StoredFile
from achterhoek.documents.sealed import FileKey, key_of
from achterhoek.sealing.services import KeyWithheld

Rule = Callable[[Any, StoredFile], bool]
Opener = Callable[[Any, StoredFile], FileKey | None]
_rules: dict[str, Rule] = {}
_openers: dict[str, Opener] = {}
_T = TypeVar("_T")


def reads(kind: str) -> Callable[[Rule], Rule]:
    """Declare who reads files of this kind. Each kind has exactly one rule."""
    return _registered(_rules, kind)


def opens(kind: str) -> Callable[[Opener], Opener]:
    """Declare where the key is of a file of this kind that has no envelope; None: not to be had by this user."""
    return _registered(_openers, kind)


def _registered(registry: dict[str, _T], kind: str) -> Callable[[_T], _T]:
    def register(rule: _T) -> _T:
        if registry.setdefault(kind, rule) is not rule:
            raise ValueError(f"files of kind {kind} have a rule already")
        return rule

    return register


def may_read(user: Any, stored: StoredFile) -> bool:
    """Whether this user may read this file now. What the virus scanner has not passed is read by nobody."""
    if stored.scan in (Scan.WAITING, Scan.INFECTED):
        return False
    rule = _rules.get(stored.kind)
    return rule is not None and rule(user, stored)


def open_for(user: Any, stored: StoredFile) -> FileKey | None:
    """The key and the name of a file, for a user who may read it and can have the key; else None."""
    if not may_read(user, stored):
        return None
    if not stored.is_sealed:
        return FileKey("", stored.name)
    if stored.envelope is None:
        opener = _openers.get(stored.kind)
        return opener(user, stored) if opener else None
    try:
        return key_of(stored)
    except KeyWithheld:
        return None
