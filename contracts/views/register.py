"""The public register of contractors and subcontractors, on any day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from achterhoek.accounts.access import public
from contracts.domain.register import (
    ContractLine,
    Part,
    Place,
    Register,
    SegmentLine,
    by_segment,
    narrowed,
    partners_in,
)
from contracts.domain.register_json import as_json
from contracts.forms.register import RegisterForm
from contracts.selectors.exports import as_csv, as_xlsx
from contracts.selectors.register_choices import Regions, region_places, segment_choices
from contracts.selectors.register_stamp import State, register_at
from contracts.selectors.register_versions import versions_until
from contracts.views.conditional import known_page, state_of, unchanged, with_etag

# So many contracts on one page: with more the list goes on on the next.
PER_PAGE = 100
# So many found contracts are shown at once; more stay folded under their segments.
AT_ONCE = 12
# So many versions are named on the page; all of them have a page of their own.
NAMED = 6
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Asked:
    """What the reader asked, and the register that answers it."""

    form: RegisterForm
    regions: Regions
    whole: Register
    shown: Register
    today: date


@dataclass(frozen=True)
class Group:
    """A segment with those of its contracts that stand on this page, out of so many."""

    segment: SegmentLine
    lines: list[ContractLine]
    total: int
    # Where all contracts of the segment hold; where they differ, each says it for itself.
    places: tuple[Place, ...]
    differ: bool
    # The number of municipalities where that is all of the region, or none.
    everywhere: int
    # What all its contracts are for; where they differ, each says it for itself.
    parts: tuple[Part, ...]

    @property
    def is_part(self) -> bool:
        return len(self.lines) < self.total


def _asked(request: HttpRequest, state: State) -> Asked:
    """Read the filters; a filter that cannot be is told beside its field, and left out."""
    regions = region_places()
    municipalities = {m.slug: m.name for _region, places in regions for m in places}
    form = RegisterForm(request.GET, segments=segment_choices(), municipalities=list(municipalities.items()))
    form.is_valid()
    whole = register_at(form.cleaned_data.get("op") or state.today, state)
    return Asked(form, regions, whole, narrowed(whole, **form.filters()), state.today)


@require_safe
@public
@known_page
def register(request: HttpRequest) -> HttpResponse:
    """The list on a day, under its segments, with the map of municipalities."""
    asked = _asked(request, state_of(request))
    filters = asked.form.filters()
    # The map compares municipalities, so it leaves that one filter out.
    everywhere = narrowed(asked.whole, segment=filters["segment"], search=filters["search"])
    page = Paginator(asked.shown.contracts, PER_PAGE).get_page(request.GET.get("page"))
    versions = list(versions_until(asked.today)[: NAMED + 1])
    context = {
        "form": asked.form,
        "register": asked.shown,
        "groups": groups_of(asked.shown.contracts, page, asked.regions),
        "page_obj": page,
        "maps": _maps(request, asked.regions, partners_in(everywhere), filters["municipality"]),
        "versions": versions[:NAMED],
        "more_versions": len(versions) > NAMED,
        "is_today": asked.shown.on == asked.today,
        "query": _query(request, asked.form),
        "narrowed": any(filters.values()),
        "unfold": any(filters.values()) and len(page.object_list) <= AT_ONCE,
    }
    return render(request, "contracts/register/list.html", context)


def groups_of(contracts: Sequence[ContractLine], page: Page[ContractLine], regions: Regions) -> list[Group]:
    """Each segment with its contracts on this page."""
    sizes = {region.name: len(places) for region, places in regions}
    whole = {segment.key: lines for segment, lines in by_segment(contracts)}
    groups = []
    for segment, lines in by_segment(page.object_list):
        where = {line.municipalities for line in whole[segment.key]}
        places = next(iter(where)) if len(where) == 1 else ()
        everywhere = len(places) if places and len(places) == sizes.get(places[0].region) else 0
        kinds = {line.subsegments for line in whole[segment.key]}
        parts = next(iter(kinds)) if len(kinds) == 1 else ()
        groups.append(Group(segment, lines, len(whole[segment.key]), places, len(where) > 1, everywhere, parts))
    return groups


def _maps(request: HttpRequest, regions: Regions, counts: dict[Place, int], chosen: str) -> list[dict[str, Any]]:
    return [
        {"name": region.name, "tiles": [_tile(request, m, counts, chosen, region.name) for m in places]}
        for region, places in regions
    ]


def _tile(
    request: HttpRequest, municipality: Any, counts: dict[Place, int], chosen: str, region: str
) -> dict[str, object]:
    count = counts.get(Place(region, municipality.slug, municipality.name), 0)
    tone = "ok" if municipality.slug == chosen else "info" if count else "neutral"
    query = request.GET.copy()
    query["gemeente"] = municipality.slug
    query.pop("page", None)
    return {
        "x": municipality.tile_x, "y": municipality.tile_y, "label": municipality.name, "value": count,
        "tone": tone, "url": f"?{query.urlencode()}",
    }  # fmt: skip


def _query(request: HttpRequest, form: RegisterForm) -> str:
    """The filters for the files; what was refused here is left out there too."""
    kept = request.GET.copy()
    for name in (*map(form.add_prefix, form.errors), "page"):
        kept.pop(name, None)
    query = kept.urlencode()
    return f"?{query}" if query else ""


def _export(request: HttpRequest, make: Callable[[Register], HttpResponse]) -> HttpResponseBase:
    """A file with the same filters; who has it already is told so, before it is made."""
    state = state_of(request)
    facts = (request.get_full_path(), state.stamp, state.today, get_language())
    if (same := unchanged(request, facts)) is not None:
        return same
    asked = _asked(request, state)
    if asked.form.errors:
        problems = {field: [str(e) for e in errors] for field, errors in asked.form.errors.items()}
        return JsonResponse({"errors": problems}, status=400, json_dumps_params={"ensure_ascii": False})
    return with_etag(make(asked.shown), facts)


def download(content: bytes, content_type: str, day: date, ending: str) -> HttpResponse:
    """A file that is saved under the name of the register and its day."""
    name = _("register")
    return HttpResponse(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}-{day.isoformat()}.{ending}"'},
    )


@require_safe
@public
def register_csv(request: HttpRequest) -> HttpResponseBase:
    return _export(request, lambda r: download(as_csv(r), "text/csv; charset=utf-8", r.on, "csv"))


@require_safe
@public
def register_xlsx(request: HttpRequest) -> HttpResponseBase:
    return _export(request, lambda r: download(as_xlsx(r), XLSX, r.on, "xlsx"))


@require_safe
@public
def register_json(request: HttpRequest) -> HttpResponseBase:
    """For programs, which do not change with the reader's language."""
    with override(settings.LANGUAGE_CODE):
        return _export(
            request, lambda r: JsonResponse(as_json(r), json_dumps_params={"ensure_ascii": False, "indent": 1})
        )
