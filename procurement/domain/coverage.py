"""The dekkend zorglandschap: who delivers each segment in each municipality that takes part in it.

In every cell somebody has to deliver, and clients are to have a choice, so two or more.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

NEEDED: Final = 1
FOR_A_CHOICE: Final = 2


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """A segment in a municipality, by their slugs."""

    segment: str
    municipality: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A party with a contract, or about to get one, for a segment. A combinatie is one deliverer."""

    deliverer: str
    segment: str
    municipalities: frozenset[str]


@dataclass(frozen=True, slots=True)
class CellCoverage:
    cell: Cell
    deliverers: tuple[str, ...]

    @property
    def uncovered(self) -> bool:
        return len(self.deliverers) < NEEDED

    @property
    def without_choice(self) -> bool:
        return len(self.deliverers) < FOR_A_CHOICE


@dataclass(frozen=True, slots=True)
class Coverage:
    """Every cell that takes part, in the order asked for, and the deliveries that fall outside the matrix."""

    cells: tuple[CellCoverage, ...]
    outside: tuple[Delivery, ...] = field(default=())

    @property
    def below_one(self) -> int:
        """In how many cells nobody delivers."""
        return sum(cell.uncovered for cell in self.cells)

    @property
    def below_two(self) -> int:
        """In how many cells there is no choice; those in which nobody delivers are among them."""
        return sum(cell.without_choice for cell in self.cells)

    @property
    def complete(self) -> bool:
        return self.below_one == 0


def coverage(participation: Iterable[Cell], deliveries: Iterable[Delivery]) -> Coverage:
    """Set deliverers against the matrix of segments and the municipalities that buy them.

    A deliverer counts once in a cell, however often it is listed. What is delivered where a municipality does
    not take part does not count; a delivery of which nothing counts is returned as `outside`.
    """
    found: dict[Cell, set[str]] = {cell: set() for cell in participation}
    outside: list[Delivery] = []
    for delivery in deliveries:
        cells = [Cell(delivery.segment, municipality) for municipality in delivery.municipalities]
        counted = [cell for cell in cells if cell in found]
        for cell in counted:
            found[cell].add(delivery.deliverer)
        if not counted:
            outside.append(delivery)
    return Coverage(
        cells=tuple(CellCoverage(cell, tuple(sorted(names))) for cell, names in found.items()),
        outside=tuple(outside),
    )
