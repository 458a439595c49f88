"""Points and requests in the fixed windows of a server, kept without knowing when they begin.

The server's window begins with a request that reaches it, at a moment we cannot see. What we send
lies somewhere between the permit and its release. So each request is counted from its permit until
one whole window after its release; whichever window of the server it fell into is over by then, and
no window can ever hold more than the budget. When an answer says when its window ends, everything
released so far is over at that moment, which frees it sooner.

Others may use the same account: when an answer says that less is left than we would think, the
difference is counted as theirs until the window ends.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from datetime import datetime

import attrs

from aiobadges.errors import InvalidCallError
from aiobadges.transport.clock import Clock
from aiobadges.transport.events import Hook, Paused
from aiobadges.transport.limits import Pacer, Permit, asked_pause
from aiobadges.wire.exchange import Answer, Response
from aiobadges.wire.retry import http_date

__all__ = ["Allowance", "WindowBudget", "seconds_to_reset"]

# The header is in whole seconds, and so is the Date it is read against.
ROUNDING = 1.0

# An answer that leaves its window less than this is not believed: on the way to us it may have got so
# old that what we sent meanwhile fell into the next window.
DOUBT = 5.0

# A number of seconds since 1970 is below this until the year 5138; one of milliseconds is above.
_MILLISECONDS = 1e11


@attrs.frozen(kw_only=True)
class Allowance:
    """How much a server allows in a window.

    Attributes:
        points: in a window.
        requests: in a window.
        seconds: how long a window is.
    """

    points: int = attrs.field(default=100_000, validator=attrs.validators.ge(1))
    requests: int = attrs.field(default=2_500, validator=attrs.validators.ge(1))
    seconds: float = attrs.field(default=60.0, validator=attrs.validators.gt(0))


@attrs.define
class _Spent:
    """What was spent, and counts until a moment."""

    until: float = math.inf
    points: int = 0
    requests: int = 0

    def add(self, points: int, requests: int) -> None:
        """Add to it."""
        self.points += points
        self.requests += requests


class WindowBudget:
    """A limiter for servers that count points: all tasks of a client share it.

    Args:
        allowance: how much the server allows; the vendor's limits by default.
        concurrency: exchanges under way at most.
        clock: where time comes from.
        hook: is told of pauses.
    """

    def __init__(
        self,
        allowance: Allowance | None = None,
        *,
        concurrency: int = 20,
        clock: Clock | None = None,
        hook: Hook = lambda _: None,
    ) -> None:
        self.allowance = allowance or Allowance()
        self._clock = clock or Clock()
        self._hook = hook
        self._slots = asyncio.Semaphore(concurrency)
        self._turn = asyncio.Lock()
        self._pause = Pacer(None, self._clock)
        self._released = asyncio.Event()
        self._under_way = _Spent()
        self._over = _Spent()  # the sum of what follows
        self._ends: deque[_Spent] = deque()  # in the order of their ends
        self._others = _Spent()

    async def acquire(self, cost: int = 1) -> Permit:
        """Wait for a slot, room in the budget and the end of pauses, in this order.

        Args:
            cost: the points of the request; the server charges some for nothing but the request.

        Raises:
            InvalidCallError: it costs more than a whole window has.
        """
        if cost > self.allowance.points:
            raise InvalidCallError(
                f"a call of {cost} points can never be made: "
                f"{self.allowance.points} are allowed in a window",
                remedy="Select less, or split the call",
            )
        await self._slots.acquire()
        try:
            async with self._turn:  # first come, first served: a dear call is not overtaken
                await self._wait_for_room(cost)
                await self._pause.wait()
                self._under_way.add(cost, 1)
        except BaseException:
            self._slots.release()
            raise
        return Permit(lambda: self._give_back(cost))

    def observe(self, answer: Answer) -> None:
        """Take from an answer when its window ends, what is left in it, and the pause it asks for."""
        if not isinstance(answer, Response):
            return
        seconds = asked_pause(answer, self._clock)
        if seconds is not None:
            self._pause.pause(seconds)
            self._hook(Paused(seconds=seconds, status=answer.status))
        left = seconds_to_reset(answer, now=self._clock.now())
        if left is None or left < DOUBT:
            return
        end = self._clock.monotonic() + min(left, self.allowance.seconds)
        self._count_others(answer, end)
        self._end_by(end)

    @property
    def available(self) -> int:
        """The points that could be spent now."""
        self._forget()
        return self.allowance.points - self._points

    @property
    def _points(self) -> int:
        return self._under_way.points + self._over.points + self._others.points

    def _give_back(self, cost: int) -> None:
        self._under_way.add(-cost, -1)
        self._over.add(cost, 1)
        end = self._clock.monotonic() + self.allowance.seconds
        if self._ends and self._ends[-1].until >= end:
            self._ends[-1].add(cost, 1)
        else:
            self._ends.append(_Spent(until=end, points=cost, requests=1))
        self._released.set()
        self._slots.release()

    def _forget(self) -> None:
        """Drop what no longer counts."""
        now = self._clock.monotonic()
        while self._ends and self._ends[0].until <= now:
            ended = self._ends.popleft()
            self._over.add(-ended.points, -ended.requests)
        if self._others.until <= now:
            self._others = _Spent()

    async def _wait_for_room(self, cost: int) -> None:
        while True:
            self._released.clear()
            self._forget()
            requests = self._under_way.requests + self._over.requests
            if self._points + cost <= self.allowance.points and requests < self.allowance.requests:
                return
            ends = [one.until for one in (self._others, *self._ends) if one.points or one.requests]
            if ends:
                await self._clock.sleep(min(ends) - self._clock.monotonic())
            else:  # everything is under way: nothing ends before something is released
                await self._released.wait()

    def _end_by(self, end: float) -> None:
        """Let everything that was released end at a moment, if it would end later."""
        sooner = _Spent(until=end)
        while self._ends and self._ends[-1].until >= end:
            later = self._ends.pop()
            sooner.add(later.points, later.requests)
        if sooner.requests:
            self._ends.append(sooner)

    def _count_others(self, answer: Response, end: float) -> None:
        remaining = answer.headers.get("x-ratelimit-remaining", "").strip()
        if not (remaining.isascii() and remaining.isdigit()):
            return
        self._forget()
        ours = self._under_way.points + self._over.points
        theirs = self.allowance.points - int(remaining[:12]) - ours
        if theirs > self._others.points:
            self._others = _Spent(until=end, points=theirs)


def seconds_to_reset(answer: Response, *, now: datetime) -> float | None:
    """Read how long the window of an answer still lasts, a second more than less; None when unsaid.

    ``X-RateLimit-Reset`` is a timestamp whose unit is not documented: seconds since 1970 are what the
    vendor's REST API sends; milliseconds are told by their size. It is counted from the server's own
    clock, which the Date header shows.

    Args:
        answer: with headers in lower case.
        now: the wall clock, for an answer without a Date.
    """
    try:
        reset = float(answer.headers["x-ratelimit-reset"])
    except (KeyError, ValueError):
        return None
    now = http_date(answer.headers.get("date", "")) or now
    if not math.isfinite(reset):
        return None
    left = (reset / 1000 if reset > _MILLISECONDS else reset) - now.timestamp()
    return left + ROUNDING if left > -ROUNDING else None
