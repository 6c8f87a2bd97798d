"""Celery tasks of contracts."""

from contracts.tasks.changes import sweep_held_evidence
from contracts.tasks.contracts import end_due_contracts, mind_options
from contracts.tasks.letters import make_letters
from contracts.tasks.register import keep_register_versions
from contracts.tasks.results import mind_reports

__all__ = [
    "end_due_contracts", "keep_register_versions", "make_letters", "mind_options", "mind_reports",
    "sweep_held_evidence",
]  # fmt: skip
