"""On the provider's home: the decisions it can still respond to, and what it filed."""

from __future__ import annotations

from django.http import HttpRequest

from achterhoek.clock import database_today
from achterhoek.panels import Panel, register
from procurement.selectors.objections import decisions_to_follow, outcome_letters, own_decision, own_objections


def provider_decisions(request: HttpRequest) -> Panel | None:
    """Three queries and the clock, however many decisions there are; nothing where there are none."""
    decisions = decisions_to_follow(request.user)
    if not decisions:
        return None
    today = database_today()
    filed = list(own_objections(request.user))
    told = outcome_letters(request.user)
    lines = [
        {
            "own": own_decision(found, today),
            "letters": told.get(found.pk, []),
            "filed": [one for one in filed if one.decision_id == found.pk],
        }
        for found in decisions
    ]
    return Panel("procurement/objection/_provider_panel.html", {"lines": lines}, order=31)


register("provider_home", provider_decisions)
