"""Panels of this app on pages of lower layers, a module a part."""

from procurement.panels import decisions, submissions

__all__ = ["decisions", "submissions"]
