"""What the actions of the audit log are called on screen: each app names its own, from `ready()`.

The log itself keeps the short name for good (`procurement.round.open_vault`); only what people read may be worded anew.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise

_names: dict[str, str | Promise] = {}


def name_actions(names: Mapping[str, str | Promise]) -> None:
    """Say what these actions are called. May be called twice; two names for one action are a mistake."""
    for action, name in names.items():
        if _names.setdefault(action, name) != name:
            raise ValueError(f"{action} is named twice")


def action_name(action: str) -> str:
    """What people read; an action that no app of today knows (an old one) keeps its short name."""
    return str(_names.get(action, action))


def named_actions() -> frozenset[str]:
    """All actions that have a name."""
    return frozenset(_names)


def actions_named_like(words: str) -> list[str]:
    """The actions of which the name, in the language of now, holds these words."""
    return [action for action, name in _names.items() if words.casefold() in str(name).casefold()]
