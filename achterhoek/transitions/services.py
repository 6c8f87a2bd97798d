"""The one writer of every status field."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.accounts.roles import roles_of
from achterhoek.audit.services import record
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.transitions.domain import SYSTEM, TransitionTable

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
    found = table.find(current, to)
    if found is None:
        raise RuleViolation(
            _("This step is not possible now. The page may be out of date: load it again and look at the state.")
        )
    roles = {SYSTEM} if by is None else roles_of(by)
    if found.roles.isdisjoint(roles):
        raise NotAllowed(_("Your role may not take this step."))
    manager.filter(pk=instance.pk).update(status=to, **fields)
    instance.refresh_from_db(fields=["status", *fields])
    record(
        f"{instance._meta.label_lower}.{found.verb}",
        by=by,
        target=instance,
        detail={"from": current, "to": to, **({"reason": reason} if reason else {}), **(detail or {})},
    )
    return instance
