"""What the limits count: points and requests in fixed windows, as the vendor documents them.

A window begins with its first request and ends so many seconds later, whatever happens in between.
Written by the server's loop and read from any thread.
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Admission", "Meter", "PointLimits"]


@dataclass(frozen=True, slots=True)
class PointLimits:
    """How much may be asked.

    Attributes:
        points: in a window.
        requests: in a window.
        seconds: how long a window is.
        query: points of one query.
    """

    points: int = 100_000
    requests: int = 2_500
    seconds: float = 60.0
    query: int = 1_000

    def __post_init__(self) -> None:
        if min(self.points, self.requests, self.query) < 1 or not self.seconds > 0:
            raise ValueError("limits must allow at least 1 and last longer than 0 seconds")


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a query may run, and what is left.

    Attributes:
        is_admitted: whether it may.
        remaining: points that are left in the window.
        seconds: how long the window still lasts.
    """

    is_admitted: bool
    remaining: int
    seconds: float


class Meter:
    """Counts. Queries that were refused for a limit do not count against it.

    Args:
        limits: how much may be asked.
        clock: seconds from anywhere.

    Attributes:
        limits: how much may be asked.
        points: all points spent since the start.
        requests: all queries run since the start.
        refused: queries refused for a limit.
        most_points: the most points spent in one window.
        most_requests: the most queries run in one window.
        cookies: requests that brought a cookie.
    """

    def __init__(self, limits: PointLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._ends = -math.inf
        self._points = self._requests = 0
        self.clear()

    def clear(self) -> None:
        """Start again, with a new window."""
        with self._lock:
            self._ends = -math.inf
            self.points = self.requests = self.refused = self.cookies = 0
            self.most_points = self.most_requests = 0

    def admit(self, cost: int) -> Admission:
        """Count a query if it still fits."""
        with self._lock:
            left = self._window()
            fits = (
                self._points + cost <= self.limits.points
                and self._requests + 1 <= self.limits.requests
            )
            if fits:
                self._count(cost)
            else:
                self.refused += 1
            return Admission(fits, max(0, self.limits.points - self._points), left)

    def spend(self, points: int, requests: int = 1) -> None:
        """Use up points and requests of the window, as another system on the tenant would."""
        with self._lock:
            self._window()
            self._points += points
            self._requests += requests

    def cookie_came(self) -> None:
        """Note that a client sent a cookie back."""
        with self._lock:
            self.cookies += 1

    def as_json(self) -> dict[str, int]:
        """Everything, for the control surface."""
        with self._lock:
            return {
                "points": self.points,
                "requests": self.requests,
                "refused": self.refused,
                "most_points": self.most_points,
                "most_requests": self.most_requests,
                "cookies": self.cookies,
            }

    def _window(self) -> float:
        """Begin a new window if the last has ended; give the seconds that are left."""
        now = self._clock()
        if now >= self._ends:
            self._ends = now + self.limits.seconds
            self._points = self._requests = 0
        return self._ends - now

    def _count(self, cost: int) -> None:
        self._points += cost
        self._requests += 1
        self.points += cost
        self.requests += 1
        self.most_points = max(self.most_points, self._points)
        self.most_requests = max(self.most_requests, self._requests)
