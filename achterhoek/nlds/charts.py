"""Geometry of the small charts that the server draws: attributes only, so that a strict CSP holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

TILE = 104
TILE_GAP = 8
BAR_WIDTH = 200


@dataclass(frozen=True, slots=True)
class Tile:
    """One municipality on the tile map: its place on the grid, its texts, and its tone."""

    left: int
    top: int
    label: str
    value: str
    tone: str
    url: str

    @property
    def middle(self) -> int:
        return self.left + TILE // 2

    @property
    def lines(self) -> tuple[str, ...]:
        """The label, broken where a tile is too narrow for it."""
        if len(self.label) <= 12 or " " not in self.label:
            return (self.label,)
        first, _, rest = self.label.partition(" ")
        return (first, rest)


@dataclass(frozen=True, slots=True)
class TileMap:
    tiles: tuple[Tile, ...]
    width: int
    height: int


def tile_map(tiles: Iterable[Mapping[str, object]]) -> TileMap:
    """Place tiles given as {x, y, label, value, tone, url} on a grid of squares."""
    step = TILE + TILE_GAP
    placed = tuple(
        Tile(
            left=int(str(tile["x"])) * step,
            top=int(str(tile["y"])) * step,
            label=str(tile["label"]),
            value=str(tile.get("value", "")),
            tone=str(tile.get("tone") or "neutral"),
            url=str(tile.get("url") or ""),
        )
        for tile in tiles
    )
    width = max((tile.left for tile in placed), default=0) + TILE
    height = max((tile.top for tile in placed), default=0) + TILE
    return TileMap(placed, width, height)


def bar_length(value: object, maximum: object, width: int = BAR_WIDTH) -> int:
    """How long a bar is, in whole units, never outside its track."""
    top = Fraction(Decimal(str(maximum))) if not isinstance(maximum, Fraction) else maximum
    part = Fraction(Decimal(str(value))) if not isinstance(value, Fraction) else value
    if top <= 0:
        return 0
    share = min(max(part / top, Fraction(0)), Fraction(1))
    return round(share * width)
