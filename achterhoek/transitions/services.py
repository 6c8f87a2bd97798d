"""The one writer of every status field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import models, transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.accounts.roles import roles_of
from achterhoek.audit.services import record, record_each
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.transitions.domain import SYSTEM, Step, TransitionTable

M = TypeVar("M", bound=models.Model)


@transaction.atomic
def transition(
    instance: M,
    to: str,
    *,
    by: User | None,
    table: TransitionTable,
    reason: str = "",
    detail: dict[str, Any] | None = None,
    **fields: Any,
) -> M:
    """Lock the row, check the step against its declared table and the role of `by`, write, record.

    `by=None` is the system (the clock). `fields` are written in the same update (`x_at`, `x_by`).
    What was written is read back into the instance, which is returned. Raises `RuleViolation` where the step does not
    exist from the state the row is in now (taken twice, out of order, or by somebody else just
    before), `NotAllowed` where the role may not take it.
    """
    manager = type(instance)._base_manager
    current: str = manager.select_for_update(of=("self",)).values_list("status", flat=True).get(pk=instance.pk)
    found = _step(table, current, to, _roles(by))
    manager.filter(pk=instance.pk).update(status=to, **fields)
    instance.refresh_from_db(fields=["status", *fields])
    record(
        f"{instance._meta.label_lower}.{found.verb}",
        by=by,
        target=instance,
        detail=_detail(current, to, reason, detail),
    )
    return instance


@transaction.atomic
def transition_each(
    instances: Iterable[M],
    to: str,
    *,
    by: User | None,
    table: TransitionTable,
    reason: str = "",
    detail: dict[str, Any] | None = None,
    **fields: Any,
) -> list[M]:
    """As `transition`, for many rows of one model at once: all of them, or none; an event in the log for each.

    The same number of queries for two rows as for two hundred. `fields` are the same for all; one that differs is an
    expression (a subquery on the row). The rows may come from different states, and the step of each is checked, here
    and by the database (`status_guard`). A row that is gone, or may not take its step, stops all.
    """
    given = {instance.pk: instance for instance in instances}
    if not given:
        return []
    model = type(next(iter(given.values())))
    rows = model._base_manager.filter(pk__in=given)
    held: dict[Any, str] = dict(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk", "status"))
    if held.keys() != given.keys():
        raise ObjectDoesNotExist(f"{len(given) - len(held)} of {len(given)} rows are gone")
    roles = _roles(by)
    steps = {pk: _step(table, current, to, roles) for pk, current in held.items()}
    rows.update(status=to, **fields)
    _read_back(rows, given, ["status", *fields])
    for verb in dict.fromkeys(step.verb for step in steps.values()):
        record_each(
            f"{model._meta.label_lower}.{verb}",
            by=by,
            each=[
                (instance, _detail(held[pk], to, reason, detail))
                for pk, instance in given.items()
                if steps[pk].verb == verb
            ],
        )
    return list(given.values())


def _read_back(rows: models.QuerySet[M], given: dict[Any, M], fields: list[str]) -> None:
    """What was written, into the instances: one query for all."""
    found = [rows.model._meta.get_field(name) for name in fields]
    names = [field.attname for field in found if isinstance(field, models.Field)]
    for pk, *values in rows.values_list("pk", *names):
        for name, value in zip(names, values, strict=True):
            setattr(given[pk], name, value)


def _roles(by: User | None) -> frozenset[str]:
    return frozenset({SYSTEM}) if by is None else roles_of(by)


def _step(table: TransitionTable, current: str, to: str, roles: frozenset[str]) -> Step:
    """The arrow from where a row is now, if the table has it and one of these roles may take it."""
    found = table.find(current, to)
    if found is None:
        raise RuleViolation(
            _("This step is not possible now. The page may be out of date: load it again and look at the state.")
        )
    if found.roles.isdisjoint(roles):
        raise NotAllowed(_("Your role may not take this step."))
    return found


def _detail(current: str, to: str, reason: str, more: dict[str, Any] | None) -> dict[str, Any]:
    """What the log tells of a step."""
    return {"from": current, "to": to, **({"reason": reason} if reason else {}), **(more or {})}
