"""On the lead's page of a tender: extending a deadline after an outage, and the attempts that came too late."""

from __future__ import annotations

from django.http import HttpRequest

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role
from achterhoek.panels import Panel, register
from procurement.enums import RoundStatus
from procurement.models import Tender
from procurement.selectors.outage import extendable_rounds, extensions_of


def lead_outage(request: HttpRequest) -> Panel | None:
    """Three queries, whatever the tender."""
    tender: Tender | None = getattr(request, "panel_object", None)
    if tender is None or tender.is_history:
        return None
    may_extend = list(extendable_rounds(tender)) if has_role(request.user, Role.LEAD) else []
    opened = list(tender.rounds.filter(status=RoundStatus.OPENED).order_by("pk"))
    extensions = extensions_of(tender)
    if not (may_extend or opened or extensions):
        return None
    context = {"tender": tender, "may_extend": may_extend, "opened": opened, "extensions": extensions}
    return Panel("procurement/outage/panel.html", context, order=60)


register("lead_tender", lead_outage)
