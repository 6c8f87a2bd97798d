"""The lead's overview as a table: flat rows made into HTML in one pass, escaped, without a template for each cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from html import escape
from typing import NamedTuple

from django.urls import reverse
from django.utils.formats import get_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from procurement.domain.score_scale import Spread, spread_of
from procurement.enums import EntryStatus
from procurement.models import SegmentRound
from procurement.selectors.overview import CellKey, OverviewRow, Seat

NOTHING = ("", "")
NONE = "\N{EN DASH}"


class Cell(NamedTuple):
    """One criterion of one bid, as HTML; `open` where something is still to be done."""

    html: str
    open: bool
    spread: bool = False


class Line(NamedTuple):
    """A bid with the HTML of its row, and by what it is filtered."""

    row: OverviewRow
    html: str
    open: bool
    spread: bool


def counted_cells(given: Mapping[CellKey, str], asked: Mapping[int, int], members: int) -> Callable[[CellKey], Cell]:
    """While members score alone: how many of those who are to score a bid have done so."""
    of = _("of")
    known: dict[tuple[str, int], Cell] = {}

    def cell(key: CellKey) -> Cell:
        wanted = (given.get(key, ""), asked.get(key[0], members))
        found = known.get(wanted)
        if found is None:
            done, total = len(wanted[0].split()), wanted[1]
            found = known[wanted] = Cell(f"<td>{done} {of} {total}</td>", done < total)
        return found

    return cell


def scored_cells(
    scores: Mapping[CellKey, tuple[str, str]],
    consensus: Mapping[CellKey, tuple[str, str]],
    stale: frozenset[CellKey],
    *,
    members: list[Seat],
    scale_max: Decimal,
) -> Callable[[CellKey], Cell]:
    """Afterwards: the consensus, each member's score in the order of the members, and in words where they differ.

    Few different cells make up a page of thousands; each is made once.
    """
    everybody = " ".join(str(key) for key in sorted(seat.user_id for seat in members))
    to_do, again = _("to do"), _("set again")
    point = get_format("DECIMAL_SEPARATOR")
    notes = _Notes(scale_max)
    known: dict[tuple[tuple[str, str], str, bool], Cell] = {}

    def make(individual: tuple[str, str], agreed: str, is_stale: bool) -> Cell:
        who, what = individual
        spread = notes.of(what)
        shown = what if who == everybody else _with_gaps(who, what, everybody)
        note = f"{spread} {again}" if is_stale else spread
        html = f'<td><strong>{agreed or to_do}</strong> <span class="nlds-muted">{shown}</span>{note}</td>'
        if point != ".":
            html = html.replace(".", point)
        return Cell(html, is_stale or not agreed, bool(spread))

    def cell(key: CellKey) -> Cell:
        asked = (scores.get(key, NOTHING), consensus.get(key, NOTHING)[0], key in stale)
        found = known.get(asked)
        if found is None:
            found = known[asked] = make(*asked)
        return found

    return cell


class _Notes:
    """What is said of scores that differ; the same few values come back again and again."""

    def __init__(self, scale_max: Decimal) -> None:
        self.scale_max = scale_max
        self.words = {
            Spread.SMALL: "",
            Spread.DIFFERENCE: f" {_('difference')}",
            Spread.LARGE: f" {_('large difference')}",
        }
        self.known: dict[frozenset[str], str] = {frozenset(): ""}

    def of(self, what: str) -> str:
        """Nothing, or a difference in words, for these scores."""
        texts = frozenset(what.split())
        if texts not in self.known:
            values = [Decimal(text) for text in texts]
            self.known[texts] = self.words[spread_of(min(values), max(values), self.scale_max)]
        return self.known[texts]


def _with_gaps(who: str, what: str, everybody: str) -> str:
    """The scores with a dash for each member who gave none."""
    by_member = dict(zip(who.split(), what.split(), strict=True))
    return " ".join(by_member.get(member, NONE) for member in everybody.split())


def lines(
    segment_round: SegmentRound,
    rows: list[OverviewRow],
    criteria: list[int],
    cell: Callable[[CellKey], Cell],
    *,
    asked_checks: int,
) -> list[Line]:
    """Each bid as a row of the table. A bid that fell out has nothing open."""
    # One address is asked for; the others differ in the bid alone.
    before, after = reverse("procurement:consensus_entry", args=[segment_round.pk, 0]).rsplit("0", 1)
    states = {value: escape(str(label)) for value, label in EntryStatus.choices}
    of = _("of")
    made = []
    for row in rows:
        admitted = row.admitted
        is_open, differs, cells = row.checked < asked_checks, False, []
        for criterion in criteria:
            one = cell((row.id, criterion))
            cells.append(one.html)
            is_open = is_open or one.open
            differs = differs or one.spread
        checks = f"{row.checked} {of} {asked_checks}" if admitted else states[row.status]
        html = (
            f'<tr><th scope="row"><a class="nl-link" href="{before}{row.id}{after}">{escape(row.organisation)}</a></th>'
            f"<td>{escape(row.number)}</td><td>{checks}</td>{''.join(cells)}</tr>"
        )
        made.append(Line(row, html, admitted and is_open, admitted and differs))
    return made


def table_body(shown: list[Line]) -> SafeString:
    """The rows of the table; every text in them was escaped where it was put in."""
    return mark_safe("\n".join([line.html for line in shown]))
