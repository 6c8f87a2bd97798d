"""On the lead's page of a tender: the evaluation of each segment, and where it stands."""

from __future__ import annotations

from django.http import HttpRequest

from achterhoek.panels import Panel, register
from procurement.selectors.evaluation import evaluations_of_tender


def lead_evaluations(request: HttpRequest) -> Panel | None:
    """One query; nothing for who may not see them."""
    tender = getattr(request, "panel_object", None)
    rows = list(evaluations_of_tender(request.user, tender)) if tender is not None else []
    return Panel("procurement/segment_round/panel.html", {"evaluations": rows}, order=40) if rows else None


register("lead_tender", lead_evaluations)
