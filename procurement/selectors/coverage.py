"""The dekkend zorglandschap beside a proposed award: who would deliver which segment in which municipality.

It tells, and changes nothing: no bid moves in a ranking because a municipality would go without.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from achterhoek.region.models import Municipality
from procurement.domain.coverage import Cell, Coverage, Delivery, coverage
from procurement.domain.parties import CONSORTIUM_MEMBER, SUBCONTRACTOR
from procurement.domain.tile_map import Place, positions
from procurement.enums import DecisionStatus, EntryStatus, Outcome, Stage
from procurement.models import Decision, Entry, Participation, Ranking, RankingRow, SegmentRound
from procurement.selectors.parties import parties_of


@dataclass(frozen=True, slots=True)
class Deliverer:
    """A bidder that would deliver; a consortium counts once. `partners` are its members, then who works for it."""

    name: str
    partners: tuple[str, ...]
    subcontractors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """One segment: by municipality how many would deliver, None where it does not take part.

    `ranked` is false while nobody knows yet; `proposed` where a decision rests on the ranking already. `waiting`
    counts the bids that wait for a draw, which count for nothing yet.
    """

    id: int
    name: str
    ranked: bool
    proposed: bool
    waiting: int
    deliverers: tuple[Deliverer, ...]
    counts: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Landscape:
    """All segments of a round by all municipalities of its region; `below_one` and `below_two` name the cells."""

    municipalities: tuple[Municipality, ...]
    lines: tuple[SegmentLine, ...]
    below_one: tuple[tuple[str, str], ...]
    below_two: tuple[tuple[str, str], ...]

    def line_of(self, segment_round: SegmentRound) -> SegmentLine | None:
        return next((line for line in self.lines if line.id == segment_round.segment_id), None)

    def tiles(self) -> dict[str, tuple[int, int]]:
        """Column and row of each municipality on the map, by slug."""
        return positions([Place(m.slug, m.tile_x, m.tile_y) for m in self.municipalities])


@dataclass(frozen=True, slots=True)
class Beside:
    """The short form beside a proposed award: this segment alone."""

    line: SegmentLine
    nobody: tuple[str, ...]
    no_choice: tuple[str, ...]


def landscape(segment_round: SegmentRound) -> Landscape:
    """Every segment of the same round. A bidder delivers in each municipality that takes part in its segment, which
    is a condition of the tender (002_6dfa1213d0e534a1.txt). The same number of queries, however many bids.
    """
    return _landscape(segment_round, list(_of_round(segment_round)))


def beside(segment_round: SegmentRound) -> Beside | None:
    """This segment in short; None where no municipality takes part in it, or nothing is awarded yet (selection)."""
    if segment_round.round.stage != Stage.AWARD:
        return None
    found = _landscape(segment_round, [segment_round])
    line = found.line_of(segment_round)
    if line is None or all(count is None for count in line.counts):
        return None
    counted = [(m.name, count) for m, count in zip(found.municipalities, line.counts, strict=True)]
    return Beside(
        line,
        tuple(name for name, count in counted if count == 0),
        tuple(name for name, count in counted if count == 1),
    )


def _of_round(segment_round: SegmentRound) -> Iterable[SegmentRound]:
    found = SegmentRound.objects.filter(round_id=segment_round.round_id).select_related("segment")
    return found.order_by("segment__position", "segment_id")


def _landscape(segment_round: SegmentRound, segment_rounds: list[SegmentRound]) -> Landscape:
    region_id = segment_round.round.tender.region_id
    municipalities = tuple(Municipality.objects.filter(region=region_id).order_by("name", "pk"))
    segments = {found.segment_id: found.segment.slug for found in segment_rounds}
    taking_part = _taking_part(segments)
    rankings, proposed = _rankings(segment_rounds)
    delivering, waiting = _delivering(rankings)
    buying = {pk: frozenset(m.slug for m in municipalities if m.pk in taking_part[pk]) for pk in segments}
    found = coverage(
        [Cell(segments[pk], slug) for pk in delivering for slug in sorted(buying[pk])],
        [Delivery(str(bid), segments[pk], buying[pk]) for pk, bids in delivering.items() for bid in bids],
    )
    return Landscape(
        municipalities,
        tuple(
            SegmentLine(
                id=pk,
                name=one.segment.name,
                ranked=pk in delivering,
                proposed=pk in proposed,
                waiting=waiting[pk],
                deliverers=tuple(delivering.get(pk, {}).values()),
                counts=_counts(found, one.segment.slug, municipalities, taking_part[pk]),
            )
            for one in segment_rounds
            for pk in (one.segment_id,)
        ),
        *_short(found, segment_rounds, municipalities),
    )


def _taking_part(segments: Mapping[int, str]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = Participation.objects.filter(segment_id__in=segments, participates=True)
    for segment_id, municipality_id in rows.values_list("segment_id", "municipality_id"):
        found[segment_id].add(municipality_id)
    return found


def _rankings(segment_rounds: list[SegmentRound]) -> tuple[dict[int, int], set[int]]:
    """The ranking of each segment: that of the decision in force, else the newest; and which have a decision."""
    pks = [found.pk for found in segment_rounds]
    newest = Ranking.objects.filter(segment_round_id__in=pks).order_by("sequence")
    rankings = dict(newest.values_list("segment_round__segment_id", "pk"))
    decided = Decision.objects.filter(segment_round_id__in=pks).exclude(status=DecisionStatus.WITHDRAWN)
    in_force = dict(decided.values_list("segment_round__segment_id", "ranking_id"))
    return rankings | in_force, set(in_force)


def _delivering(rankings: Mapping[int, int]) -> tuple[dict[int, dict[int, Deliverer]], dict[int, int]]:
    """By segment who would deliver, in the order of the ranking, and how many wait for a draw."""
    rows = (
        RankingRow.objects.filter(
            ranking_id__in=rankings.values(),
            outcome__in=(Outcome.SELECTED, Outcome.PENDING_DRAW),
            entry__status=EntryStatus.ADMITTED,
        )
        .order_by("ranking_id", "position")
        .values_list("entry_id", "entry__segment_id", "outcome")
    )
    chosen: list[tuple[int, int]] = []
    waiting: dict[int, int] = defaultdict(int)
    for entry_id, segment_id, outcome in rows:
        if outcome == Outcome.SELECTED:
            chosen.append((entry_id, segment_id))
        else:
            waiting[segment_id] += 1
    parties = parties_of([Entry(pk=entry_id) for entry_id, _segment in chosen])
    delivering: dict[int, dict[int, Deliverer]] = {segment_id: {} for segment_id in rankings}
    for entry_id, segment_id in chosen:
        behind = parties[entry_id]
        delivering[segment_id][entry_id] = Deliverer(
            name=behind[0].name,
            partners=tuple(party.name for party in behind if party.part == CONSORTIUM_MEMBER),
            subcontractors=tuple(party.name for party in behind if party.part == SUBCONTRACTOR),
        )
    return delivering, waiting


def _counts(
    found: Coverage, segment: str, municipalities: Iterable[Municipality], taking_part: set[int]
) -> tuple[int | None, ...]:
    counted = {one.cell.municipality: len(one.deliverers) for one in found.cells if one.cell.segment == segment}
    return tuple(counted.get(m.slug, 0) if m.pk in taking_part else None for m in municipalities)


def _short(
    found: Coverage, segment_rounds: Iterable[SegmentRound], municipalities: Iterable[Municipality]
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """The cells (segment, municipality) where nobody would deliver, and those where exactly one would."""
    segments = {one.segment.slug: one.segment.name for one in segment_rounds}
    places = {m.slug: m.name for m in municipalities}
    named = [(cell, (segments[cell.cell.segment], places[cell.cell.municipality])) for cell in found.cells]
    return (
        tuple(name for cell, name in named if cell.uncovered),
        tuple(name for cell, name in named if cell.without_choice and not cell.uncovered),
    )
