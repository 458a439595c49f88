"""What was asked of the sandbox: requests by operation, how many at once, sign-ins.

Written by the server's loop and read from any thread.
"""

from __future__ import annotations

import threading
from collections import Counter

__all__ = ["Counters"]


class Counters:
    """Figures since the start or the last reset.

    Attributes:
        in_flight: requests being worked on now, without sign-ins and the control surface.
        max_in_flight: the most there ever were at once.
        logins: tokens given for a password.
        refreshes: tokens given for a refresh token.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_operation: Counter[str] = Counter()
        self.in_flight = 0
        self.max_in_flight = 0
        self.logins = 0
        self.refreshes = 0

    @property
    def requests(self) -> int:
        """All requests, whatever became of them."""
        with self._lock:
            return self._by_operation.total()

    @property
    def by_operation(self) -> dict[str, int]:
        """Requests by operation id; ``unknown`` stands for paths that no operation has."""
        with self._lock:
            return dict(self._by_operation)

    def of(self, operation: str) -> int:
        """How many requests one operation has had."""
        with self._lock:
            return self._by_operation[operation]

    def arrived(self, operation: str) -> None:
        """Count a request."""
        with self._lock:
            self._by_operation[operation] += 1

    def entered(self) -> None:
        """Note that work on a request begins."""
        with self._lock:
            self.in_flight += 1
            self.max_in_flight = max(self.max_in_flight, self.in_flight)

    def left(self) -> None:
        """Note that work on a request ended."""
        with self._lock:
            self.in_flight -= 1

    def signed_in(self, *, refreshed: bool) -> None:
        """Count a token that was handed out."""
        with self._lock:
            if refreshed:
                self.refreshes += 1
            else:
                self.logins += 1

    def clear(self) -> None:
        """Start again; what is in flight stays in flight."""
        with self._lock:
            self._by_operation.clear()
            self.max_in_flight = self.in_flight
            self.logins = self.refreshes = 0

    def as_json(self) -> dict[str, object]:
        """Everything, for the control surface."""
        with self._lock:
            return {
                "requests": {
                    "total": self._by_operation.total(),
                    "by_operation": dict(self._by_operation),
                },
                "in_flight": self.in_flight,
                "max_in_flight": self.max_in_flight,
                "logins": self.logins,
                "refreshes": self.refreshes,
            }
