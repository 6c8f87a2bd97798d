"""Reads of which Django writes the SQL once in a process, and not again for every page.

Writing the SQL of a queryset takes several times as long as sending it. For the few reads that every page of a rush
makes it is written once; the values go in at each call, and each call asks the database. No row is ever kept.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row")
# What holds the place of a value in the SQL: nothing that a queryset would say by itself.
PLACES: dict[type, Callable[[int], Any]] = {
    int: lambda number: 2_000_000_000 + number,
    str: lambda number: f"value {number} of a prepared read",
    UUID: lambda number: UUID(int=2**127 + number),
}


class Prepared(Generic[Row]):
    """`asked = Prepared(lambda round: Question.objects.filter(round=round), int)`; then `asked(round.pk)`.

    The queryset is built once, out of values that hold the place of those to come. So nothing in it may depend on what
    they are, nor on the user, the language or the clock (`Now()` is the database's); and None is no value.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]], *types: type) -> None:
        self.build, self.types = build, types

    def __call__(self, *values: Any) -> list[Row]:
        """The rows as they are now."""
        if not all(isinstance(value, kind) for value, kind in zip(values, self.types, strict=True)):
            raise TypeError(f"this read takes {self.types}")
        queryset, compiler, sql, params, places = self._written
        given = list(params)
        for index, number in places:
            kind, value = type(params[index]), values[number]
            given[index] = value if isinstance(value, kind) else kind(value)
        asked, bound = queryset.all(), copy(compiler)
        bound.connection = connections[DEFAULT_DB_ALIAS]
        if asked.query.select_for_update and not bound.connection.in_atomic_block:
            raise TransactionManagementError("what locks is read within a transaction")
        bound.as_sql = lambda *_, **__: (sql, tuple(given))
        asked.query.get_compiler = lambda *_, **__: bound
        return list(asked)

    def first(self, *values: Any) -> Row | None:
        """The one row, or the first of them; None where there is none."""
        return next(iter(self(*values)), None)

    @cached_property
    def _written(self) -> tuple[Any, Any, str, tuple[Any, ...], list[tuple[int, int]]]:
        held = [PLACES[kind](number) for number, kind in enumerate(self.types)]
        queryset: Any = self.build(*held)
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        places = [(index, held.index(param)) for index, param in enumerate(params) if param in held]
        if {number for _index, number in places} != set(range(len(held))):
            raise ValueError("each value of a prepared read has to stand in its SQL")
        return queryset, compiler, sql, tuple(params), places
