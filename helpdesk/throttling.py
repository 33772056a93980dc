"""A brake on a program that calls too often: so many requests a minute and token."""

from __future__ import annotations

import math
from typing import Any

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from tickets.clock import wall

WINDOW = 60  # wall seconds


class TokenThrottle(BaseThrottle):
    """Counts in the cache, by minute. Without a cache nobody is braked: the desk works on."""

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.user.pk is None:  # the document and its page: open to all, and cheap
            return True
        limit: int = settings.API_REQUESTS_A_MINUTE
        window, into = divmod(wall(), WINDOW)
        self._left = math.ceil(WINDOW - into)
        used = _count(f"rate:{request.user.pk}:{int(window)}")
        if used is None:
            return True
        request._request.rate_limit_headers = {  # type: ignore[attr-defined]  # RequestName puts them on the answer
            "RateLimit-Limit": str(limit),
            "RateLimit-Remaining": str(max(0, limit - used)),
            "RateLimit-Reset": str(self._left),
        }
        return used <= limit

    def wait(self) -> float:
        return float(self._left)


def _count(key: str) -> int | None:
    try:
        cache.add(key, 0, timeout=WINDOW * 2)
        return int(cache.incr(key))
    except (RedisError, OSError, ValueError):
        return None
