"""Several small forms on one page, of which each is saved by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from achterhoek.errors import RuleViolation
from achterhoek.nlds.forms import NldsForm

F = TypeVar("F", bound=NldsForm)


def http_status(forms: Iterable[NldsForm]) -> int:
    """The status of a page with several forms: that of the worst."""
    return max((form.http_status for form in forms), default=200)


def save_changed(forms: Sequence[F], save: Callable[[F], None]) -> int:
    """Save each form in which something changed; how many were. A broken rule lands beside its field."""
    saved = 0
    for form in forms:
        if not form.has_changed() or not form.is_valid():
            continue
        try:
            save(form)
        except RuleViolation as error:
            form.refuse(error)
        else:
            saved += 1
    return saved
