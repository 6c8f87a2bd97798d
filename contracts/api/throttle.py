"""How often one visitor may ask: so many a minute, counted for all web processes together."""

from __future__ import annotations

import time
from dataclasses import dataclass

import structlog
from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

logger = structlog.get_logger(__name__)
WINDOW = 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a minute; `limit` 0 is: as often as one likes."""

    limit: int
    used: int
    reset: int

    @property
    def is_spent(self) -> bool:
        return bool(self.limit) and self.used > self.limit

    @property
    def headers(self) -> dict[str, str]:
        if not self.limit:
            return {}
        left = max(0, self.limit - self.used)
        said = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(left),
            "RateLimit-Reset": str(self.reset),
        }
        return {**said, "Retry-After": str(self.reset)} if self.is_spent else said


def ask(request: HttpRequest) -> Allowance:
    """Count this question. Where the cache cannot be reached nobody is refused: it is public data."""
    limit, now = settings.API_RATE, time.time()
    window, reset = int(now // WINDOW), int(WINDOW - now % WINDOW) + 1
    if not limit:
        return Allowance(0, 0, reset)
    key = f"api-rate:{get_client_ip(request)}:{window}"
    try:
        cache.add(key, 0, 2 * WINDOW)
        return Allowance(limit, cache.incr(key), reset)
    except (RedisError, ValueError):
        logger.warning("the API counts nothing: no cache")
        return Allowance(limit, 0, reset)
