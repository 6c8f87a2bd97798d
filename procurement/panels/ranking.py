"""On the lead's page of a tender, above all else: rankings that no longer match what they were made of."""

from __future__ import annotations

from django.http import HttpRequest

from achterhoek.panels import Panel, register
from procurement.selectors.ranking_checks import open_alarms


def ranking_alarms(request: HttpRequest) -> Panel | None:
    """One query; nothing where all is well, and for who may not see it."""
    tender = getattr(request, "panel_object", None)
    if tender is None:
        return None
    checks = list(open_alarms(request.user).filter(ranking__segment_round__round__tender=tender))
    return Panel("procurement/ranking/_alarm_panel.html", {"checks": checks}, order=1) if checks else None


register("lead_tender", ranking_alarms)
