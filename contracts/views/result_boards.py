"""Dashboards of results for who follows many contracts: what asks for attention, segments, municipalities."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.accounts.roles import has_role
from achterhoek.clock import database_today
from achterhoek.region.models import Municipality
from contracts.models.contract import OFFICIALS
from contracts.selectors.indicators import regions_without_indicators
from contracts.selectors.result_boards import followed_places, followed_segments, group_board, overview
from contracts.selectors.results import is_late, quarter_name, quarter_of_report
from contracts.services.indicators import start_indicators

READERS = (Role.LEAD, Role.AUDITOR, Role.ADMIN, Role.COLLEGE)


@require_safe
@allow(Role.CLM, read=READERS)
def results_home(request: UserRequest) -> HttpResponse:
    """What asks for attention, and the way to each dashboard."""
    today = database_today()
    found = overview(request.user, today, _place(request, None))
    context = {
        "to_judge": [(row, quarter_name(quarter_of_report(row))) for row in found.to_judge],
        "missing": [(row, quarter_name(quarter_of_report(row))) for row in found.missing],
        "found": found,
        "segments": followed_segments(request.user),
        "places": followed_places(request.user),
        "without": regions_without_indicators(request.user),
        "may_judge": has_role(request.user, Role.CLM),
        "today": today,
    }
    return render(request, "contracts/results/home.html", context)


@require_POST
@allow(Role.CLM)
def indicators_start(request: UserRequest, region_id: int) -> HttpResponse:
    """Take the starter set of indicators for a region that has none."""
    region = next((one for one in regions_without_indicators(request.user) if one.pk == region_id), None)
    if region is None:
        raise Http404
    start_indicators(region=region, by=request.user)
    messages.success(request, _("The indicators are there. Set the norms in the administration."))
    return redirect("contracts:results_home")


def _place(request: UserRequest, asked: int | None) -> Municipality | None:
    """The municipality that is asked for; of a college always its own, also where none is asked for."""
    places = followed_places(request.user)
    if asked is not None:
        found = next((one for one in places if one.pk == asked), None)
        if found is None:
            raise Http404
        return found
    if has_role(request.user, *OFFICIALS):
        return None
    if not places:
        raise Http404
    return places[0]


@require_safe
@allow(Role.CLM, read=READERS)
def results_segment(request: UserRequest, segment_id: int) -> HttpResponse:
    """The contracts of a segment together, and one by one; of one municipality where that is asked."""
    asked = request.GET.get("gemeente", "")
    if asked and not (asked.isdecimal() and len(asked) < 10):
        raise Http404
    place = _place(request, int(asked) if asked else None)
    segment = next((one for one in followed_segments(request.user, place) if one.pk == segment_id), None)
    if segment is None:
        raise Http404
    board = group_board(request.user, segment, place, database_today())
    places = followed_places(request.user)
    context = {"board": board, "segment": segment, "place": place, "tabs": _tabs(places, place)}
    return render(request, "contracts/results/segment.html", context)


def _tabs(places: list[Municipality], current: Municipality | None) -> list[dict[str, Any]]:
    """The way to the same segment in each municipality, where there is more than one."""
    if len(places) < 2:
        return []
    every = {"label": _("All municipalities"), "url": "?", "current": current is None}
    return [every] + [{"label": one.name, "url": f"?gemeente={one.pk}", "current": one == current} for one in places]


@require_safe
@allow(Role.CLM, read=READERS)
def results_place(request: UserRequest, municipality_id: int) -> HttpResponse:
    """What runs in one municipality: its segments, what is missing, and the signals."""
    place = _place(request, municipality_id)
    today = database_today()
    found = overview(request.user, today, place)
    context = {
        "place": place,
        "segments": followed_segments(request.user, place),
        "missing": [(row, quarter_name(quarter_of_report(row))) for row in found.missing if is_late(row, today)],
        "found": found,
    }
    return render(request, "contracts/results/place.html", context)
