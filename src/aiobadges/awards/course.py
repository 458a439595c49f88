"""What all who work on one run share: whether it goes on and why not, how fast, and how far it is.

Nothing is sent or listed from here. A run ends when everything has come to its end, when somebody
stops it, or when an answer says that every further row would meet the same: the obstacle.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

import anyio

from aiobadges.awards.lease import FirstSeen
from aiobadges.awards.ledger.effects import Effect
from aiobadges.awards.ledger.hold import Hold
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.ledger.runs import RunRecord
from aiobadges.awards.progress import Progress
from aiobadges.awards.states import ENDS, Claimed, Event, State
from aiobadges.awards.verdict import ForTheRun, verdict_of
from aiobadges.errors import BadgesError, ConnectError, FailedError
from aiobadges.parchment.client import ParchmentClient
from aiobadges.wire.retry import RetryPolicy

__all__ = ["LONGEST_NAP", "Bell", "Course", "Teller"]

LONGEST_NAP = 1.0
"""Seconds between two looks into the ledger: another process may have changed it."""
_MOST_FAILURES = 8
"""So many in a row, and nothing that got through: the run pauses."""

Teller = Callable[[Sequence[Effect]], Awaitable[None]]
"""Is awaited with effects that came to their ends: takes them, then waits while it has too many."""


class Bell:
    """Wakes everybody who waits for its next ring."""

    def __init__(self) -> None:
        self._next: anyio.Event | None = None  # it rings more often than somebody listens

    def ring(self) -> None:
        """Wake who waits."""
        rung, self._next = self._next, None
        if rung is not None:
            rung.set()

    def next_ring(self) -> anyio.Event:
        """Give what the next ring sets: taken before a look, it is not missed during it."""
        self._next = self._next or anyio.Event()
        return self._next


class Course:
    """One run being worked on.

    Args:
        ledger: where everything is written down.
        run: the run.
        tell: is awaited with the effects that come to their ends.
        hold: the right to work on it, None where several may (each send is claimed by itself).
        seen: since when effects stand as they do, when that is known already.
        reach: is told of each of `runner.CRASH_POINTS`, for tests.
    """

    def __init__(
        self,
        ledger: Ledger,
        run: RunRecord,
        *,
        tell: Teller,
        hold: Hold | None = None,
        seen: FirstSeen | None = None,
        reach: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.ledger = ledger
        self.run = run
        self.clock = ledger.clock
        self.seen = seen or FirstSeen(self.clock)
        self.reach = reach
        self.progress = Progress()
        self.bell = Bell()
        self.obstacle: BadgesError | None = None
        self.is_stopping = False
        self._tell = tell
        self._hold = hold
        self._is_done = False
        self._policy = RetryPolicy()
        self._failures = 0
        self._slow_until = 0.0
        self._kept: set[anyio.CancelScope] = set()
        self._waits: set[anyio.CancelScope] = set()

    @property
    def holder(self) -> str:
        """What names this process as the run's only one; empty where several may work on it."""
        return "" if self._hold is None else self._hold.holder

    # Its end

    def has_ended(self) -> bool:
        """Whether nothing new may be begun."""
        if self._hold is not None and self._hold.is_lost and not self.is_stopping:
            self.stop()  # wakes who waits for something to do
        return self.is_stopping or self._is_done

    def stop(self) -> None:
        """Begin nothing more; what is under way comes to its end."""
        self.is_stopping = True
        self._wake()

    def finish(self) -> None:
        """Everything has come to its end."""
        self._is_done = True
        self._wake()

    def _wake(self) -> None:
        self.bell.ring()
        for scope in self._waits:
            scope.cancel()

    @contextmanager
    def unless_stopped(self) -> Iterator[anyio.CancelScope]:
        """Break off what is waited for in the block when the run ends: a pause may be long."""
        with anyio.CancelScope() as scope:
            self._waits.add(scope)
            if self.is_stopping or self._is_done:
                scope.cancel()
            try:
                yield scope
            finally:
                self._waits.discard(scope)

    def leave(self) -> None:
        """Stop, and cut off what is under way; the ledger keeps it as begun."""
        self.stop()
        for scope in self._kept:
            scope.cancel()

    @contextmanager
    def to_its_end(self) -> Iterator[None]:
        """Let nothing but `leave` break off what is done in the block."""
        with anyio.CancelScope(shield=True) as scope:
            self._kept.add(scope)
            try:
                yield
            finally:
                self._kept.discard(scope)

    # Trouble

    def pause(self, error: BadgesError) -> None:
        """Stop, for every further row would meet this."""
        self.obstacle = self.obstacle or error
        self.stop()

    def slow_down(self, error: BadgesError) -> None:
        """Let everybody wait a while, longer the more often in a row; too often is a pause."""
        if self.clock.monotonic() < self._slow_until:
            return  # it was under way with one that has said so: that counts once
        self._failures += 1
        if isinstance(error, ConnectError | FailedError) and self._failures >= _MOST_FAILURES:
            self.pause(error)
        seconds = self._policy.wait(self._failures, self.clock.draw())
        self._slow_until = max(self._slow_until, self.clock.monotonic() + seconds)

    def failed(self, error: BadgesError) -> None:
        """Heed an answer that leaves everything to be done again."""
        if verdict_of(error).run is ForTheRun.PAUSE:
            self.pause(error)
        else:
            self.slow_down(error)

    def heed(self, error: BadgesError | None) -> None:
        """Do what the answer to one row means for the others."""
        if error is None:
            self._failures = 0
            return
        meaning = verdict_of(error).run
        if meaning is ForTheRun.PAUSE:
            self.pause(error)
        elif meaning is ForTheRun.SLOW_DOWN:
            self.slow_down(error)

    async def wait_out_trouble(self) -> None:
        """Wait until it may be tried again, or the run is stopped."""
        while not self.is_stopping and (left := self._slow_until - self.clock.monotonic()) > 0:
            await self.clock.sleep(min(left, LONGEST_NAP))

    async def signed_in(self, client: ParchmentClient) -> bool:
        """Get a token before a permit is taken: who waits for one under a permit blocks others."""
        try:
            await client.session.signed_in()
        except BadgesError as error:
            if isinstance(error, ConnectError):
                self.slow_down(error)
            else:
                self.pause(error)
            return False
        return True

    # What happens

    async def tell(self, *effects: Effect) -> None:
        """Tell of ends. Who is slow to take them slows the run down, but does not keep it going."""
        if effects:
            with self.unless_stopped():
                await self._tell(effects)

    async def change(self, effect: Effect, event: Event, *, reason: str = "") -> Effect | None:
        """Write down what happened; None when somebody else has been at the effect, or has the run."""
        # Who has lost the run may write down what happened to it, but begins nothing more.
        begins = self._hold if isinstance(event, Claimed) else None
        holder = "" if begins is None else begins.holder
        new = await self.ledger.change(effect, event, reason=reason, holder=holder)
        if new is None:
            if begins is not None:
                await begins.beat()  # it may be lost: not to be looked into again and again
            return None
        self.moved(effect.state, new)
        return new

    def moved(self, before: State, new: Effect) -> None:
        """Note that an effect stands elsewhere, as the ledger has it already."""
        self.progress.moved(before, new.state)
        if new.state in ENDS:
            self.seen.forget(new)
        else:
            self.seen.begin(new)
