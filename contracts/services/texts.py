"""Texts that outlive the page they were made on (mail, notes of the register) are always Dutch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils import translation


@contextmanager
def in_dutch() -> Iterator[None]:
    """In the portal's first language, whatever the language of the person at the keyboard."""
    with translation.override(settings.LANGUAGE_CODE):
        yield
