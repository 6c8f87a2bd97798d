"""Who would deliver where, beside the proposed award: on a map of the region and as a table."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from procurement.enums import Stage
from procurement.selectors.coverage import Landscape, SegmentLine, landscape
from procurement.selectors.evaluation import managed_segment_rounds


@allow(Role.LEAD, read=(Role.AUDITOR,))
def coverage(request: UserRequest, pk: int) -> HttpResponse:
    """The landscape if all that is proposed or ranked holds. It never changes a ranking."""
    found = get_object_or_404(managed_segment_rounds(request.user), pk=pk)
    whole = landscape(found)
    line = whole.line_of(found)
    context = {
        "segment_round": found,
        "landscape": whole,
        "line": line,
        "tiles": _tiles(whole, line) if line and line.ranked else [],
        "rows": [(one, list(zip(whole.municipalities, one.counts, strict=True))) for one in whole.lines],
        "selection": found.round.stage == Stage.SELECTION,
    }
    return render(request, "procurement/coverage/page.html", context)


def _tiles(whole: Landscape, line: SegmentLine) -> list[dict[str, Any]]:
    places = whole.tiles()
    return [
        {
            "x": places[municipality.slug][0],
            "y": places[municipality.slug][1],
            "label": municipality.name,
            **_shown(count),
        }
        for municipality, count in zip(whole.municipalities, line.counts, strict=True)
    ]


def _shown(count: int | None) -> dict[str, Any]:
    """What stands on a tile: a figure, and what it means in words, so that no colour is needed."""
    if count is None:
        return {"value": "–", "note": _("not part"), "tone": "neutral"}
    notes = {0: _("nobody"), 1: _("no choice")}
    tones = {0: "error", 1: "warning"}
    return {"value": str(count), "note": notes.get(count, ""), "tone": tones.get(count, "info")}
