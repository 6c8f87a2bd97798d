"""Bringing rows in line with a file: what is new is made, what differs is changed, nothing is ever removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import models
from django.utils.translation import gettext as _

from achterhoek.errors import RuleViolation

M = TypeVar("M", bound=models.Model)
Row = Mapping[str, Any]


@dataclass
class Loaded:
    """What a load did: rows made and changed by kind, and what stands here but no longer in the files."""

    made: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        return not self.made and not self.changed

    def count(self, counter: dict[str, int], model: type[models.Model], number: int = 1) -> None:
        if number:
            label = model._meta.label
            counter[label] = counter.get(label, 0) + number

    def detail(self) -> dict[str, Any]:
        """For the audit log."""
        return {"made": self.made, "changed": self.changed, "no_longer_in_files": self.left}


def differing(found: models.Model, row: Row) -> list[str]:
    """The fields in which a row of the database is not as the file says."""
    return [name for name, value in row.items() if getattr(found, name) != value]


def bring_in_line(
    model: type[M],
    *,
    within: Row,
    key: tuple[str, ...],
    rows: Iterable[Row],
    loaded: Loaded,
    frozen: str = "",
) -> dict[Any, M]:
    """Make the rows of `model` inside `within` as the file says; by key, in the file's order.

    `frozen` is what to call this where it may not change any more: any difference then raises
    `RuleViolation` (what was asked when a round opened is what is judged, Aw 2.100 and 2.115).
    """
    present = {_key_of(found, key): found for found in model._base_manager.filter(**within)}
    result: dict[Any, M] = {}
    fresh: list[M] = []
    for row in rows:
        where = tuple(row[name] for name in key)
        found = present.pop(where, None)
        names = differing(found, row) if found is not None else []
        if frozen and (found is None or names):
            raise RuleViolation(
                _("%(what)s: this round has been opened, so %(which)s cannot change any more.")
                % {"what": frozen, "which": _name(model, where)}
            )
        if found is None:
            found = model(**within, **row)
            fresh.append(found)
        elif names:
            for name in names:
                setattr(found, name, row[name])
            found.save(update_fields=names)
            loaded.count(loaded.changed, model)
        result[where[0] if len(where) == 1 else where] = found
    model._base_manager.bulk_create(fresh)
    loaded.count(loaded.made, model, len(fresh))
    loaded.left += [_name(model, where) for where in present]
    if frozen and present:
        raise RuleViolation(
            _("%(what)s: this round has been opened, so %(which)s cannot be left out any more.")
            % {"what": frozen, "which": _name(model, next(iter(present)))}
        )
    return result


def _key_of(found: models.Model, key: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(getattr(found, name) for name in key)


def _name(model: type[models.Model], where: tuple[Any, ...]) -> str:
    return f"{model._meta.verbose_name} {' '.join(str(part) for part in where if part is not None)}"
