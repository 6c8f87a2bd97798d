"""Panels of this app on pages of lower layers, a module a part."""

from procurement.panels import submissions

__all__ = ["submissions"]
