"""On the lead's page of a tender: the way to its records and dossiers."""

from __future__ import annotations

from django.http import HttpRequest

from achterhoek.panels import Panel, register
from procurement.models import Tender


def lead_records(request: HttpRequest) -> Panel | None:
    """No query; nothing before the tender is published."""
    tender: Tender | None = getattr(request, "panel_object", None)
    if tender is None or tender.published_at is None:
        return None
    return Panel("procurement/record/_lead_panel.html", {"tender": tender}, order=90)


register("lead_tender", lead_records)
