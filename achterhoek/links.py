"""Addresses of pages as they stand outside the portal: in mail and on paper."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse


def absolute(view: str, *args: object) -> str:
    """The whole address of a page, with the name by which the portal is reached."""
    return f"{settings.BASE_URL.rstrip('/')}{reverse(view, args=args)}"
