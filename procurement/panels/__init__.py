"""Panels of this app on pages of lower layers, a module a part."""

from procurement.panels import decisions, evaluation, submissions, tenders

__all__ = ["decisions", "evaluation", "submissions", "tenders"]
