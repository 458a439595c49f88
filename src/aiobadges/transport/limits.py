"""How much may be under way at once, how fast, and the pauses a server asks for.

A permit is a slot plus a place in the pace. The slot is taken first, so that at most `concurrency`
tasks wait for the pace; the pause is looked at last, so that nobody sends into it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from types import TracebackType
from typing import Protocol, Self

from aiobadges.errors import InvalidCallError
from aiobadges.transport.clock import Clock
from aiobadges.transport.events import Hook, Paused
from aiobadges.wire.exchange import Answer, Response
from aiobadges.wire.retry import http_date, retry_after

__all__ = ["Limiter", "LocalLimiter", "Pace", "Pacer", "Permit", "asked_pause"]


class Permit:
    """The right to one exchange. Give it back once or many times, it counts once.

    Entering it uses it up: a second exchange with it would run beside the bound.
    """

    __slots__ = ("_give_back", "_is_used")

    def __init__(self, give_back: Callable[[], None]) -> None:
        self._give_back: Callable[[], None] | None = give_back
        self._is_used = False

    def release(self) -> None:
        """Give it back."""
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            give_back()

    async def __aenter__(self) -> Self:
        if self._is_used or self._give_back is None:
            raise InvalidCallError(
                "a permit is good for one call, and this one was used", remedy="Take another one"
            )
        self._is_used = True
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()


class Limiter(Protocol):
    """What a session asks before each exchange, and tells after it."""

    async def acquire(self, cost: int = 1) -> Permit:
        """Wait for a slot, the pace and the end of pauses."""
        ...

    def observe(self, answer: Answer) -> None:
        """Look at an answer for a request to slow down."""
        ...


class Pace(Protocol):
    """When the next request may go. Bring your own to share it with other processes."""

    rate: float | None

    def pause(self, seconds: float) -> None:
        """Let nothing through for so long."""
        ...

    async def wait(self, cost: int = 1) -> None:
        """Wait for the next free moment."""
        ...


class Pacer:
    """Spaces sends evenly at a rate; each reserves the next free moment and waits for it.

    Args:
        rate: cost units a second, None for no limit. It may be changed at any time.
        clock: where time comes from.
    """

    def __init__(self, rate: float | None, clock: Clock) -> None:
        self.rate = rate
        self._clock = clock
        self._next = 0.0
        self._paused_until = 0.0

    def pause(self, seconds: float) -> None:
        """Let nothing through for so long; a shorter pause never ends a longer one."""
        self._paused_until = max(self._paused_until, self._clock.monotonic() + seconds)

    def _reserve(self, cost: int) -> float:
        now = self._clock.monotonic()
        if not self.rate:
            return now
        at = max(now, self._next)
        self._next = at + cost / self.rate
        return at

    async def wait(self, cost: int = 1) -> None:
        """Wait for the reserved moment; one that fell into a pause is reserved anew after it."""
        while True:
            await self._sleep_until(self._reserve(cost))
            if self._paused_until <= self._clock.monotonic():
                return
            await self._sleep_until(self._paused_until)

    async def _sleep_until(self, moment: float) -> None:
        while (left := moment - self._clock.monotonic()) > 0:
            await self._clock.sleep(left)


class LocalLimiter:
    """The limiter of one process: all tasks of a client share it.

    Args:
        concurrency: exchanges under way at most.
        rate: requests a second, None for no limit.
        clock: where time comes from.
        hook: is told of pauses.
        pace: a pace shared with others; one without a rate of its own takes this one's.
    """

    def __init__(
        self,
        *,
        concurrency: int,
        rate: float | None = None,
        clock: Clock | None = None,
        hook: Hook = lambda _: None,
        pace: Pace | None = None,
    ) -> None:
        self._clock = clock or Clock()
        self._slots = asyncio.Semaphore(concurrency)
        self._hook = hook
        self.pacer: Pace = pace or Pacer(rate, self._clock)
        if self.pacer.rate is None:
            self.pacer.rate = rate

    async def acquire(self, cost: int = 1) -> Permit:
        """Wait for a slot, the pace and the end of pauses, in this order."""
        await self._slots.acquire()
        try:
            await self.pacer.wait(cost)
        except BaseException:
            self._slots.release()
            raise
        return Permit(self._slots.release)

    def observe(self, answer: Answer) -> None:
        """Pause everything when a 429 or 503 says for how long."""
        seconds = asked_pause(answer, self._clock)
        if seconds is not None and isinstance(answer, Response):
            self.pacer.pause(seconds)
            self._hook(Paused(seconds=seconds, status=answer.status))


def asked_pause(answer: Answer, clock: Clock) -> float | None:
    """Give the seconds for which a 429 or 503 asks everybody to wait, None when it asks for none."""
    if not isinstance(answer, Response) or answer.status not in {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
    }:
        return None
    # A date is meant on the server's clock, which its Date header shows.
    now = http_date(answer.headers.get("date", "")) or clock.now()
    return retry_after(answer.headers.get("retry-after"), now=now)
