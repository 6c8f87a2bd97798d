"""Measurements: each figure beside its floor (what the machine cannot do faster), taken in the same run.

A benchmark is a function with a name that gives rows; a new one is a module here with `@benchmark`, imported
below.
"""

from contracts.bench import evaluation, letters, ranking, register, rush
from contracts.bench.registry import BENCHMARKS, Row, Sizes, benchmark, measured

__all__ = [
    "BENCHMARKS", "Row", "Sizes", "benchmark", "evaluation", "letters", "measured", "ranking", "register", "rush",
]  # fmt: skip
