"""Work for the worker, a module a part; imported here so that Celery finds every task."""

from procurement.tasks import letters, ranking, receipts, rounds, vault

__all__ = ["letters", "ranking", "receipts", "rounds", "vault"]
