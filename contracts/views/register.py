"""The public register of contractors and subcontractors, on any day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from achterhoek.accounts.access import public
from achterhoek.clock import database_today
from achterhoek.region.models import Municipality, Region
from contracts.domain.register import Place, Register, by_segment, narrowed, partners_in
from contracts.forms.register import RegisterForm
from contracts.selectors import register as selectors
from contracts.selectors.exports import as_csv, as_json, as_xlsx

Regions = list[tuple[Region, list[Municipality]]]


@dataclass(frozen=True)
class Asked:
    """What the reader asked, and the register that answers it."""

    form: RegisterForm
    regions: Regions
    whole: Register
    shown: Register


def _asked(request: HttpRequest) -> Asked:
    """Read the filters; a filter that cannot be is told beside its field, and left out."""
    regions = selectors.region_places()
    municipalities = {m.slug: m.name for _region, places in regions for m in places}
    form = RegisterForm(request.GET, segments=selectors.segment_choices(), municipalities=list(municipalities.items()))
    form.is_valid()
    whole = selectors.register_on(form.cleaned_data.get("op") or database_today())
    return Asked(form, regions, whole, narrowed(whole, **form.filters()))


@require_safe
@public
def register(request: HttpRequest) -> HttpResponse:
    """The list on a day, under its segments, with the map of municipalities."""
    asked = _asked(request)
    filters = asked.form.filters()
    # The map compares municipalities, so it leaves that one filter out.
    everywhere = narrowed(asked.whole, segment=filters["segment"], search=filters["search"])
    context = {
        "form": asked.form,
        "register": asked.shown,
        "groups": _groups(asked),
        "maps": _maps(request, asked.regions, partners_in(everywhere), filters["municipality"]),
        "versions": selectors.versions_until(database_today()),
        "is_today": asked.shown.on == database_today(),
        "query": _query(request, asked.form),
        "unfold": any(filters.values()),
    }
    return render(request, "contracts/register/list.html", context)


def _groups(asked: Asked) -> list[tuple[Any, list[Any], int]]:
    """Each segment with its contracts, and the number of municipalities where that is all of the region."""
    sizes = {region.name: len(places) for region, places in asked.regions}
    groups = []
    for segment, lines in by_segment(asked.shown):
        places = lines[0].municipalities
        everywhere = places and len(places) == sizes.get(places[0].region)
        groups.append((segment, lines, len(places) if everywhere else 0))
    return groups


def _maps(request: HttpRequest, regions: Regions, counts: dict[Place, int], chosen: str) -> list[dict[str, Any]]:
    return [
        {"name": region.name, "tiles": [_tile(request, region, m, counts, chosen) for m in places]}
        for region, places in regions
        if places
    ]


def _tile(
    request: HttpRequest, region: Region, municipality: Municipality, counts: dict[Place, int], chosen: str
) -> dict[str, object]:
    count = counts.get(Place(region.name, municipality.slug, municipality.name), 0)
    tone = "ok" if municipality.slug == chosen else "info" if count else "neutral"
    query = request.GET.copy()
    query["gemeente"] = municipality.slug
    return {
        "x": municipality.tile_x, "y": municipality.tile_y, "label": municipality.name, "value": count,
        "tone": tone, "url": f"?{query.urlencode()}",
    }  # fmt: skip


def _query(request: HttpRequest, form: RegisterForm) -> str:
    """The filters for the files; what was refused here is left out there too."""
    refused = {form.add_prefix(name) for name in form.errors}
    kept = request.GET.copy()
    for name in refused:
        kept.pop(name, None)
    query = kept.urlencode()
    return f"?{query}" if query else ""


def _export(request: HttpRequest, make: Callable[[Register], HttpResponse]) -> HttpResponse:
    asked = _asked(request)
    if asked.form.errors:
        problems = {field: [str(e) for e in errors] for field, errors in asked.form.errors.items()}
        return JsonResponse({"errors": problems}, status=400, json_dumps_params={"ensure_ascii": False})
    response = make(asked.shown)
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _download(content: bytes, content_type: str, register: Register, ending: str) -> HttpResponse:
    name = _("register")
    return HttpResponse(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}-{register.on.isoformat()}.{ending}"'},
    )


@require_safe
@public
def register_csv(request: HttpRequest) -> HttpResponse:
    return _export(request, lambda r: _download(as_csv(r), "text/csv; charset=utf-8", r, "csv"))


@require_safe
@public
def register_xlsx(request: HttpRequest) -> HttpResponse:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _export(request, lambda r: _download(as_xlsx(r), kind, r, "xlsx"))


@require_safe
@public
def register_json(request: HttpRequest) -> HttpResponse:
    return _export(request, lambda r: JsonResponse(as_json(r), json_dumps_params={"ensure_ascii": False, "indent": 1}))
