"""Celery tasks of contracts."""

from contracts.tasks.contracts import end_due_contracts

__all__ = ["end_due_contracts"]
