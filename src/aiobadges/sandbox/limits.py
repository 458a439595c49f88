"""The rate limit: a number of requests in a window that starts with its first request."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["RateLimit", "RateWindow"]


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many requests in so many seconds; more get 429 with Retry-After.

    Attributes:
        requests: how many are served in a window.
        seconds: how long a window is.
    """

    requests: int
    seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.requests < 1 or not self.seconds > 0:
            raise ValueError("a rate limit needs at least one request and a window above 0 seconds")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``50`` (a second) or ``2500/60`` (in 60 seconds)."""
        requests, _, seconds = text.partition("/")
        return cls(int(requests), float(seconds or 1.0))


class RateWindow:
    """The running window of a limit. Refused requests do not count."""

    def __init__(self, limit: RateLimit, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._ends = -math.inf
        self._left = 0

    def admit(self) -> int:
        """Admit a request and give 0, or give the whole seconds until one may come again."""
        now = self._clock()
        if now >= self._ends:
            self._ends = now + self._limit.seconds
            self._left = self._limit.requests
        if self._left:
            self._left -= 1
            return 0
        return math.ceil(self._ends - now) or 1
