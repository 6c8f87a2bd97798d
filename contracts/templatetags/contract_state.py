"""How a contract stands, in words: also that it is signed, and still has to begin."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from achterhoek.clock import today_on_page
from achterhoek.nlds.formatting import format_day
from achterhoek.nlds.templatetags.nlds import status_badge
from contracts.models import Contract
from contracts.rules import begins_on

register = template.Library()
# The tone of what was decided and is still to come.
TO_COME = "fixed"


@register.simple_tag(takes_context=True)
def contract_state(context: dict[str, Any], contract: Contract) -> dict[str, str]:
    """`{% contract_state contract as state %}`: its status and how that is called, on the day of this page."""
    first = begins_on(contract, today_on_page(context["request"]))
    if first is None:
        return {"status": contract.status, "label": contract.get_status_display()}
    return {"status": TO_COME, "label": _("Signed, runs from %(day)s") % {"day": format_day(first)}}


@register.simple_tag(takes_context=True)
def contract_badge(context: dict[str, Any], contract: Contract) -> SafeString:
    """`{% contract_badge contract %}`: the same as a badge."""
    state = contract_state(context, contract)
    return status_badge(state["status"], state["label"])
