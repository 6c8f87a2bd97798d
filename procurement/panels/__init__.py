"""Panels of this app on pages of lower layers, a module a part."""

from procurement.panels import (
    completeness,
    custody,
    decisions,
    evaluation,
    objections,
    outage,
    ranking,
    records,
    submissions,
    tenders,
)

__all__ = [
    "completeness",
    "custody",
    "decisions",
    "evaluation",
    "objections",
    "outage",
    "ranking",
    "records",
    "submissions",
    "tenders",
]
