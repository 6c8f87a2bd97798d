"""The portal's signature under a row of the log: with a key that the database never holds."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def sign(content: bytes) -> bytes:
    """HMAC-SHA256 with the first of `AUDIT_KEYS`."""
    if not settings.AUDIT_KEYS:
        raise ImproperlyConfigured("set AUDIT_KEYS: without it nothing can be written into the log")
    return _mac(settings.AUDIT_KEYS[0], content)


def is_ours(content: bytes, mac: bytes) -> bool:
    """Whether one of `AUDIT_KEYS` signed this: the present one, or one that it replaced."""
    return any(hmac.compare_digest(_mac(key, content), mac) for key in settings.AUDIT_KEYS)


def _mac(key: str, content: bytes) -> bytes:
    return hmac.digest(key.encode(), content, "sha256")
