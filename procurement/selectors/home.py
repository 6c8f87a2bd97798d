"""What the front page shows: the default region, its open tenders, and the plan of its main tender."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db.models import Count, Prefetch, Q

from achterhoek.region.models import Municipality, Region
from procurement.models import Lot, Phase, Segment, Tender
from procurement.selectors.planning import PlanLine, plan_lines
from procurement.selectors.tenders import TenderLine, tender_lines


@dataclass(frozen=True, slots=True)
class HomePage:
    """The theme page of a region. `main` is the tender whose plan and segments are shown."""

    region: Region | None
    texts: dict[str, Any]
    tiles: list[dict[str, object]]
    open_tenders: list[TenderLine]
    main: Tender | None
    lots: list[Lot]
    phases: list[PlanLine]
    milestones: list[PlanLine]
    downloads: list[tuple[str, list[dict[str, str]]]]
    news: list[tuple[date, dict[str, Any]]]


def home_page(*, now: datetime, today: date) -> HomePage:
    """The page of the default region, empty where no region was loaded yet; in a fixed number of queries."""
    region = Region.objects.select_related("authority").filter(is_default=True).first()
    if region is None:
        return HomePage(None, {}, [], [], None, [], [], [], [], [])
    main = _main_tender(region)
    lines = plan_lines(main.phases.all(), today) if main else []
    texts = region.content.get("theme_page", {})
    return HomePage(
        region=region,
        texts=texts,
        tiles=_tiles(region, main),
        open_tenders=[line for line in tender_lines(region.slug, now=now) if line.round],
        main=main,
        lots=[lot for lot in main.lots.all() if lot.segments.all()] if main else [],
        phases=[line for line in lines if not line.is_milestone],
        milestones=[line for line in lines if line.is_milestone],
        downloads=_by_category(texts.get("downloads", [])),
        news=[(date.fromisoformat(item["published_on"]), item) for item in region.content.get("news", [])],
    )


def _main_tender(region: Region) -> Tender | None:
    """The published tender of the region with the fullest plan; the newest of those."""
    return (
        Tender.objects.public()
        .filter(region=region)
        .annotate(planned=Count("phases", filter=Q(phases__is_milestone=False)))
        .filter(planned__gt=0)
        .prefetch_related(
            Prefetch("phases", Phase.objects.prefetch_related("replans")),
            Prefetch("lots", Lot.objects.order_by("position", "id")),
            Prefetch("lots__segments", Segment.objects.order_by("position", "id")),
        )
        .order_by("-planned", "-published_at")
        .first()
    )


def _tiles(region: Region, main: Tender | None) -> list[dict[str, object]]:
    """The municipalities on the map, each with how many segments of the main tender it buys with the others."""
    counted = Q(participations__participates=True, participations__segment__tender=main)
    towns = Municipality.objects.filter(region=region).annotate(bought=Count("participations", filter=counted))
    total = sum(len(lot.segments.all()) for lot in main.lots.all()) if main else 0
    return [
        {
            "x": town.tile_x,
            "y": town.tile_y,
            "label": town.name,
            "value": f"{town.bought}/{total}",
            "tone": "ok" if town.bought == total else "info",
        }
        for town in towns.order_by("name")
        if total
    ]


def _by_category(downloads: list[dict[str, str]]) -> list[tuple[str, list[dict[str, str]]]]:
    ordered = sorted(downloads, key=lambda item: item["category"])
    return [(name, list(items)) for name, items in groupby(ordered, key=lambda item: item["category"])]
