"""What a change of subcontractor leaves uncovered: who delivers each kind of help where, before and after.

Counted as everywhere (`procurement.domain.coverage`): a deliverer counts once in a place, a consortium is one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from procurement.domain.coverage import FOR_A_CHOICE, Cell, Delivery, coverage


@dataclass(frozen=True, slots=True)
class Work:
    """One party that delivers some kinds of help in some municipalities. `line` tells what would stop or change."""

    line: str
    deliverer: str
    parts: frozenset[str]
    municipalities: frozenset[str]


@dataclass(frozen=True, slots=True)
class Loss:
    """A kind of help in a municipality where fewer than two would deliver, and fewer than now."""

    part: str
    municipality: str
    before: int
    after: int


def losses(works: Iterable[Work], *, line: str, keeps: frozenset[str] = frozenset()) -> tuple[Loss, ...]:
    """What is lost where the work of `line` is left to the kinds of help in `keeps` (none of them: it stops).

    Only places are told where there is no choice any more afterwards, the worst first.
    """
    now = list(works)
    touched = [work for work in now if work.line == line]
    cells = {
        Cell(part, place) for work in touched for part in work.parts - keeps for place in work.municipalities
    }  # fmt: skip
    then = [_left(work, keeps) if work.line == line else work for work in now]
    before, after = (_counts(cells, found) for found in (now, then))
    lost = [
        Loss(cell.segment, cell.municipality, before[cell], after[cell])
        for cell in cells
        if after[cell] < FOR_A_CHOICE and after[cell] < before[cell]
    ]
    return tuple(sorted(lost, key=lambda loss: (loss.after, loss.part, loss.municipality)))


def _left(work: Work, keeps: frozenset[str]) -> Work:
    return Work(work.line, work.deliverer, work.parts & keeps, work.municipalities)


def _counts(cells: Iterable[Cell], works: Iterable[Work]) -> dict[Cell, int]:
    deliveries = [Delivery(work.deliverer, part, work.municipalities) for work in works for part in work.parts]
    return {found.cell: len(found.deliverers) for found in coverage(sorted(cells), deliveries).cells}
