"""What a benchmark is, and how it is timed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured; `runs` times each, of which the median counts."""

    runs: int = 5
    bids: int = 10_000
    criteria: int = 8
    evaluators: int = 5
    growth: tuple[int, ...] = (100, 1_000)
    overview: int = 300
    overview_criteria: int = 6
    seats: int = 5
    letters: int = 24
    processes: int = 2
    killed_letters: int = 200
    kills: int = 20
    rush: int = 300
    rush_clients: int = 32
    rush_before: int = 3000
    providers: int = 1_000
    versions: int = 20
    full: bool = False
    full_providers: int = 300
    full_files: int = 10
    full_clients: int = 100


QUICK = Sizes(
    runs=2,
    bids=500,
    growth=(50, 150),
    overview=40,
    letters=3,
    killed_letters=24,
    kills=4,
    rush=64,
    rush_before=640,
    providers=60,
    versions=4,
    full_providers=24,
    full_files=3,
)


@dataclass(frozen=True, slots=True)
class Row:
    """A figure and its floor, in the same unit."""

    name: str
    figure: float
    unit: str
    floor: float
    floor_is: str

    @property
    def ratio(self) -> float:
        """How many times the floor it takes; for rates, how many times slower it is."""
        if self.unit.endswith("/s"):
            return self.floor / self.figure
        return self.figure / self.floor


Benchmark = Callable[[Sizes], Iterable[Row]]
BENCHMARKS: dict[str, Benchmark] = {}


def benchmark(name: str) -> Callable[[Benchmark], Benchmark]:
    """Register a function under this name."""

    def register(function: Benchmark) -> Benchmark:
        if name in BENCHMARKS:
            raise ValueError(f"there are two benchmarks named {name}")
        BENCHMARKS[name] = function
        return function

    return register


def measured(work: Callable[[], object]) -> float:
    """Seconds that it takes once."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def medians(runs: int, *works: Callable[[], object]) -> list[float]:
    """The median seconds of each; taken in turns, so that a slower minute of the machine hits all of them."""
    taken = [[measured(work) for work in works] for _ in range(runs)]
    return [statistics.median(column) for column in zip(*taken, strict=True)]
