"""Time and chance, in one place to be injected from."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime

__all__ = ["Clock"]


class Clock:
    """The real clock. A test passes a subclass that moves when it is told."""

    def monotonic(self) -> float:
        """Give seconds from an arbitrary start, never going back: for waits and deadlines."""
        return time.monotonic()

    def boot(self) -> float:
        """Give seconds that also count while the machine sleeps, where there is such a clock."""
        which = getattr(time, "CLOCK_BOOTTIME", None)  # Linux
        return time.monotonic() if which is None else time.clock_gettime(which)

    def now(self) -> datetime:
        """Give the wall clock in UTC: for dates that others wrote."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def draw(self) -> float:
        """Give a random number in [0, 1): for jitter."""
        return random.random()  # noqa: S311 - jitter is no secret
