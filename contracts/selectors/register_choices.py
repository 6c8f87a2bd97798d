"""What one may ask of the register: regions with their municipalities, segments, and kinds of help."""

from __future__ import annotations

from django.db.models import Q

from achterhoek.region.models import Municipality, Region
from contracts.models import Contract
from procurement.models import Segment

Regions = list[tuple[Region, list[Municipality]]]
# A kind of help is a segment, or a subsegment of it: `jeugd` or `jeugd:behandeling`.
BETWEEN = ":"


def region_places() -> Regions:
    """Each region of which the register can hold contracts, with its municipalities and their tiles; one query."""
    contracted = Contract.objects.values("segment__tender__region")
    rows = (
        Municipality.objects.filter(Q(region__is_default=True) | Q(region__in=contracted))
        .select_related("region")
        .order_by("-region__is_default", "region__name", "name")
    )
    found: dict[int, tuple[Region, list[Municipality]]] = {}
    for municipality in rows:
        found.setdefault(municipality.region_id, (municipality.region, []))[1].append(municipality)
    return list(found.values())


def segment_choices() -> list[tuple[str, str]]:
    """Segments that were ever contracted, by their slug; a name that comes back in a later tender once; one query."""
    contracted = Contract.objects.values("segment")
    rows = Segment.objects.filter(pk__in=contracted).order_by("position", "id").values_list("slug", "name")
    return list(dict(rows).items())


def help_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Kinds of help under their segment, the whole segment first; one query."""
    contracted = Contract.objects.values("segment")
    rows = (
        Segment.objects.filter(pk__in=contracted)
        .order_by("position", "id", "subsegments__position", "subsegments")
        .values_list("slug", "name", "subsegments__slug", "subsegments__name")
    )
    found: dict[str, dict[str, str]] = {}
    names: dict[str, str] = {}
    for slug, name, part, part_name in rows:
        names[slug] = name
        kinds = found.setdefault(slug, {slug: name})
        if part:
            kinds[f"{slug}{BETWEEN}{part}"] = part_name
    return [(names[slug], list(kinds.items())) for slug, kinds in found.items()]
