"""Work for the worker, a module a part; imported here so that Celery finds every task."""

from procurement.tasks import (
    award_notices,
    copying,
    interests,
    letters,
    ranking,
    receipts,
    records,
    reports,
    rounds,
    vault,
)

__all__ = [
    "award_notices",
    "copying",
    "interests",
    "letters",
    "ranking",
    "receipts",
    "records",
    "reports",
    "rounds",
    "vault",
]
