"""Celery tasks of contracts."""

from contracts.tasks.changes import sweep_held_evidence
from contracts.tasks.contracts import end_due_contracts, mind_options
from contracts.tasks.letters import make_letters

__all__ = ["end_due_contracts", "make_letters", "mind_options", "sweep_held_evidence"]
