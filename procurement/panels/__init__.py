"""Panels of this app on pages of lower layers, a module a part."""

from procurement.panels import completeness, decisions, evaluation, submissions, tenders

__all__ = ["completeness", "decisions", "evaluation", "submissions", "tenders"]
