"""What the models of this app share."""

from __future__ import annotations

import pgtrigger

from achterhoek.transitions.domain import TransitionTable


def status_guard(table: TransitionTable) -> pgtrigger.Trigger:
    """A trigger: the database itself refuses a step that the declared table does not have."""
    return pgtrigger.FSM(name=f"{table.name}_status", field="status", transitions=table.pairs())
