"""Questions about the outbox."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q, QuerySet

from achterhoek.mail.models import OutboxMessage

_sealed: list[Callable[[], Q]] = []


def seals(rule: Callable[[], Q]) -> Callable[[], Q]:
    """Declare which messages are not shown for now, since to whom they went is still a secret (Aw 2.108)."""
    if rule not in _sealed:
        _sealed.append(rule)
    return rule


def unsealed(found: QuerySet[OutboxMessage]) -> QuerySet[OutboxMessage]:
    """Without the messages that are sealed now. They are sent all the same."""
    for rule in _sealed:
        found = found.exclude(rule())
    return found
