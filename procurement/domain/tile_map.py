"""Where the municipalities of a region stand on its tile map.

The region's own data says where. Where that is missing, or two stand on one tile, the rest goes on free tiles, in the
order given, so that every municipality is always seen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Final

# A map that is mostly empty tiles tells nothing; it is then laid out anew.
MOST_TILES_EACH: Final = 6


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality by its slug, and the column and row that the data gives it; the top left is 0, 0."""

    slug: str
    column: int
    row: int


def positions(places: Sequence[Place]) -> dict[str, tuple[int, int]]:
    """Column and row by slug: all different, from 0 on, without empty columns or rows at the top and the left."""
    if not places:
        return {}
    if len({(place.column, place.row) for place in places}) == 1 or _too_wide(places):
        return dict(zip((place.slug for place in places), _grid(len(places)), strict=False))
    left, top = min(place.column for place in places), min(place.row for place in places)
    found: dict[str, tuple[int, int]] = {}
    taken: set[tuple[int, int]] = set()
    homeless: list[str] = []
    for place in places:
        tile = (place.column - left, place.row - top)
        if tile in taken:
            homeless.append(place.slug)
            continue
        taken.add(tile)
        found[place.slug] = tile
    free = (tile for tile in _grid(len(places) + len(taken)) if tile not in taken)
    found.update(zip(homeless, free, strict=False))
    return {place.slug: found[place.slug] for place in places}


def _too_wide(places: Sequence[Place]) -> bool:
    columns = max(place.column for place in places) - min(place.column for place in places) + 1
    rows = max(place.row for place in places) - min(place.row for place in places) + 1
    return columns * rows > MOST_TILES_EACH * len(places)


def _grid(count: int) -> Iterator[tuple[int, int]]:
    """At least so many tiles, row by row, in about a square."""
    columns = isqrt(max(count - 1, 0)) + 1
    for number in range(columns * columns):
        yield number % columns, number // columns
