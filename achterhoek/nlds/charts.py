"""Geometry of the small charts that the server draws: attributes only, so that a strict CSP holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    note: str = ""

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
    """Place tiles given as {x, y, label, value, tone, url, note} on a grid of squares."""
    step = TILE + TILE_GAP
    placed = tuple(
        Tile(
            left=int(str(tile["x"])) * step,
            top=int(str(tile["y"])) * step,
            label=str(tile["label"]),
            value=str(tile.get("value", "")),
            tone=str(tile.get("tone") or "neutral"),
            url=str(tile.get("url") or ""),
            note=str(tile.get("note") or ""),
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


# Charts of the insight pages ----------------------------------------------------------------------------
# Lengths are whole units of the drawing; words and figures come in ready to show.

CHART_WIDTH = 760
BAR_ROW, BAR_TOP, BAR_HEIGHT = 54, 22, 22
CUT_ROOM = 20  # between the bars on both sides of the cut, for its line and its name
SERIES = 8  # so many fills and patterns there are; a ninth series takes the first again
LABEL_FITS = 56
HEAT_LABEL, HEAT_CELL, HEAT_ROW, HEAT_HEAD = 280, 96, 34, 30
LONGEST_LABEL = 36


def share_of(value: Fraction, maximum: Fraction, width: int) -> int:
    """A length in whole units, never outside the width."""
    if maximum <= 0:
        return 0
    return round(min(max(value / maximum, Fraction(0)), Fraction(1)) * width)


def shortened(text: str, longest: int = LONGEST_LABEL) -> str:
    """A drawing does not wrap; the table beside it has the whole name."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


@dataclass(frozen=True, slots=True)
class Piece:
    """One series in a bar. `series` is the number of its fill and pattern."""

    left: int
    width: int
    series: int
    label: str

    @property
    def middle(self) -> int:
        return self.left + self.width // 2

    @property
    def labelled(self) -> bool:
        return self.width >= LABEL_FITS


@dataclass(frozen=True, slots=True)
class StackRow:
    """What goes into a bar: its name, a part and its text for each series (None: nothing to draw), and its end."""

    label: str
    parts: Sequence[tuple[Fraction, str] | None]
    end: str


@dataclass(frozen=True, slots=True)
class StackedBar:
    top: int
    label: str
    pieces: tuple[Piece, ...]
    end: str

    @property
    def bar_top(self) -> int:
        return self.top + BAR_TOP

    @property
    def text_line(self) -> int:
        return self.bar_top + 16

    @property
    def label_line(self) -> int:
        return self.top + 15


@dataclass(frozen=True, slots=True)
class StackedBars:
    """Bars under each other; `cut` is the height of the line between the bars above it and those below."""

    bars: tuple[StackedBar, ...]
    cut: int | None
    height: int
    legend: tuple[tuple[int, str], ...]
    width: int = CHART_WIDTH
    bar_height: int = BAR_HEIGHT


def stacked_bars(
    rows: Sequence[StackRow], maximum: Fraction, legend: Sequence[str], cut_after: int | None = None
) -> StackedBars:
    """A bar for each row, its parts after one another; `cut_after` so many rows comes the line of the cut."""
    bars = []
    for number, row in enumerate(rows):
        top = number * BAR_ROW + (CUT_ROOM if cut_after is not None and number >= cut_after else 0)
        bars.append(StackedBar(top, shortened(row.label, 64), tuple(_pieces(row, maximum)), row.end))
    cut = None if cut_after is None else cut_after * BAR_ROW + CUT_ROOM - 8
    named = tuple((number % SERIES, text) for number, text in enumerate(legend))
    height = max(len(rows), 1) * BAR_ROW + (0 if cut is None else CUT_ROOM)
    return StackedBars(tuple(bars), cut, height, named)


def _pieces(row: StackRow, maximum: Fraction) -> Iterator[Piece]:
    """Ends are rounded, not widths, so that rounding never adds up."""
    before = Fraction(0)
    for number, part in enumerate(row.parts):
        if part is None:
            continue
        value, label = part
        left = share_of(before, maximum, CHART_WIDTH)
        before += value
        width = share_of(before, maximum, CHART_WIDTH) - left
        if width:
            yield Piece(left, width, number % SERIES, label)


@dataclass(frozen=True, slots=True)
class HeatCell:
    """`tone`: none, small, difference or large; told by its text and by a band with a pattern as well."""

    left: int
    top: int
    label: str
    tone: str

    @property
    def middle(self) -> int:
        return self.left + HEAT_CELL // 2 + 4

    @property
    def line(self) -> int:
        return self.top + 22


@dataclass(frozen=True, slots=True)
class HeatRow:
    label: str
    line: int
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True, slots=True)
class HeatMap:
    columns: tuple[tuple[int, str], ...]
    rows: tuple[HeatRow, ...]
    width: int
    height: int
    cell_width: int = HEAT_CELL - 4
    cell_height: int = HEAT_ROW - 4


def heat_map(columns: Sequence[str], rows: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> HeatMap:
    """Rows of (label, cells of (text, tone)) under the columns."""
    lefts = [HEAT_LABEL + number * HEAT_CELL for number in range(len(columns))]
    placed = []
    for number, (label, cells) in enumerate(rows):
        top = HEAT_HEAD + number * HEAT_ROW
        drawn = (HeatCell(left, top, text, tone) for left, (text, tone) in zip(lefts, cells, strict=True))
        placed.append(HeatRow(shortened(label), top + 22, tuple(drawn)))
    heads = tuple((left + HEAT_CELL // 2, shortened(text, 12)) for left, text in zip(lefts, columns, strict=True))
    return HeatMap(heads, tuple(placed), HEAT_LABEL + len(columns) * HEAT_CELL, HEAT_HEAD + len(rows) * HEAT_ROW)


@dataclass(frozen=True, slots=True)
class Deviation:
    """A bar to the left or the right of the middle; `width` 0 where there is nothing to draw."""

    top: int
    label: str
    left: int
    width: int
    end: str
    series: int

    @property
    def bar_top(self) -> int:
        return self.top + BAR_TOP

    @property
    def label_line(self) -> int:
        return self.top + 15


@dataclass(frozen=True, slots=True)
class Deviations:
    bars: tuple[Deviation, ...]
    height: int
    middle: int = CHART_WIDTH // 2
    width: int = CHART_WIDTH
    bar_height: int = BAR_HEIGHT


def deviations(rows: Sequence[tuple[str, Fraction | None, str]], maximum: Fraction) -> Deviations:
    """Rows of (label, distance to the middle, text); below 0 goes to the left."""
    half = CHART_WIDTH // 2
    bars = []
    for number, (label, value, end) in enumerate(rows):
        width = share_of(abs(value or Fraction(0)), maximum, half)
        left = half - width if value is not None and value < 0 else half
        bars.append(Deviation(number * BAR_ROW, shortened(label, 44), left, width, end, 1 if left < half else 0))
    return Deviations(tuple(bars), max(len(rows), 1) * BAR_ROW)


@dataclass(frozen=True, slots=True)
class Span:
    """From where to where something may move, and where it stands now; an open end runs to the edge."""

    top: int
    label: str
    left: int
    width: int
    now: int
    end: str
    open_left: bool
    open_right: bool

    @property
    def bar_top(self) -> int:
        return self.top + BAR_TOP

    @property
    def bar_end(self) -> int:
        return self.bar_top + BAR_HEIGHT

    @property
    def label_line(self) -> int:
        return self.top + 15

    @property
    def right(self) -> int:
        return self.left + self.width


@dataclass(frozen=True, slots=True)
class Spans:
    bars: tuple[Span, ...]
    height: int
    width: int = CHART_WIDTH
    bar_height: int = BAR_HEIGHT


def spans(rows: Sequence[tuple[str, Fraction | None, Fraction, Fraction | None, str]], maximum: Fraction) -> Spans:
    """Rows of (label, lowest, now, highest, text); None is an open end."""
    bars = []
    for number, (label, low, now, high, end) in enumerate(rows):
        left = share_of(low or Fraction(0), maximum, CHART_WIDTH)
        right = CHART_WIDTH if high is None else share_of(high, maximum, CHART_WIDTH)
        at = min(max(share_of(now, maximum, CHART_WIDTH), 2), CHART_WIDTH - 2)
        bars.append(
            Span(number * BAR_ROW, shortened(label, 52), left, right - left, at, end, low is None, high is None)
        )
    return Spans(tuple(bars), max(len(rows), 1) * BAR_ROW)
