"""On the lead's page of a tender: who keeps the key of its vaults, and what the custodians still have to do."""

from __future__ import annotations

from django.http import HttpRequest

from achterhoek.panels import Panel, register
from procurement.enums import Custody
from procurement.models import Tender
from procurement.selectors.custody import keepings, may_choose


def lead_custody(request: HttpRequest) -> Panel | None:
    """Three queries in custodian mode, none otherwise."""
    tender: Tender | None = getattr(request, "panel_object", None)
    if tender is None or tender.is_history:
        return None
    by_custodians = tender.custody == Custody.CUSTODIANS
    context = {
        "tender": tender,
        "by_custodians": by_custodians,
        "may_choose": may_choose(tender),
        "keepings": keepings(tender) if by_custodians else [],
    }
    return Panel("procurement/custody/panel.html", context, order=30)


register("lead_tender", lead_custody)
