"""The engine of a run: workers that send, one loop that looks into doubts.

The order of one send is the whole point: permit, intent on the disk, lease checked with the
connection in hand, one POST, and the result written against the attempt it belongs to. From the
claim to the result nothing is cancelled; stopping means that no further effect is claimed. Only
`Runner.leave` cuts a send off: what it leaves is in doubt, and looked into by whoever resumes.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import anyio
import attrs

from aiobadges.awards.fingerprint import Precision
from aiobadges.awards.hold import Hold
from aiobadges.awards.lease import FirstSeen, Lease, due_in, is_overdue
from aiobadges.awards.ledger import Ledger
from aiobadges.awards.ledger_effects import Effect
from aiobadges.awards.ledger_runs import RunRecord
from aiobadges.awards.matching import what_is_listed
from aiobadges.awards.progress import Progress
from aiobadges.awards.reconcile import Oracle
from aiobadges.awards.sending import Sender
from aiobadges.awards.sightings import Sighting
from aiobadges.awards.states import (
    ENDS,
    Awarded,
    Claimed,
    Event,
    FoundStale,
    LastAnswer,
    ListedNone,
    PatienceEnded,
    Reconsidered,
    State,
    may_be_sent_again,
)
from aiobadges.awards.verdict import ForTheRun, RefusalStreak, Verdict, verdict_of
from aiobadges.errors import BadgesError, ConnectError
from aiobadges.parchment.client import ParchmentClient
from aiobadges.transport.exchange import Timeouts
from aiobadges.transport.limits import Permit
from aiobadges.wire.retry import RetryPolicy

__all__ = ["CRASH_POINTS", "Runner"]

CRASH_POINTS = ("after_intent", "after_response", "after_commit", "after_listing")
"""Where a process that dies leaves most behind; tests die there."""

_NO_CONNECTIONS = 8
"""So many in a row, and nothing that got through: the run pauses."""
_MOST_LOOKS = 100
_SHORTEST_NAP = 0.02
_LONGEST_NAP = 1.0
"""Seconds between two looks into the ledger: another process may have changed it."""

Teller = Callable[[Effect], Awaitable[None]]


class Runner:
    """Works on one run until every effect has ended, it is stopped, or something pauses it.

    Args:
        ledger: where everything is written down.
        client: what sends.
        run: the run; the caller holds it.
        hold: the right to work on it, None where several may (each send is claimed by itself).
        tell: is awaited with each effect that comes to its end.
        workers: how many effects are worked on at once; the client's limiter bounds what is sent.
        reach: is told each of `CRASH_POINTS`, for tests.
        has_streaks: whether equal refusals in a row speak of the run: of rows that nothing joins
            but time they do not.
        seen: since when effects stand as they do, when that is known already.
        most: so many rows are begun; what was in doubt before is brought to its end beside them.
    """

    def __init__(
        self,
        ledger: Ledger,
        client: ParchmentClient,
        run: RunRecord,
        *,
        tell: Teller,
        hold: Hold | None = None,
        workers: int = 40,
        reach: Callable[[str], None] = lambda _: None,
        has_streaks: bool = True,
        seen: FirstSeen | None = None,
        most: int = sys.maxsize,
    ) -> None:
        self._ledger = ledger
        self._left = most
        self._client = client
        self._run = run
        self._pacing = run.pacing
        self._clock = ledger.clock
        self._hold = hold
        self._tell = tell
        self._workers = workers
        self._reach = reach
        seconds = run.pacing.timeout
        timeouts = Timeouts(connect=min(10.0, seconds), read=min(30.0, seconds), total=seconds)
        asking = client.with_options(timeouts=timeouts)
        self._sender = Sender(asking, run.precision)
        self._oracle = Oracle(asking, ledger, run)
        self._seen = seen or FirstSeen(self._clock)
        self._streak = RefusalStreak() if has_streaks else RefusalStreak(sys.maxsize)
        self._policy = RetryPolicy()
        self._own: set[int] = set()
        self._kept: set[anyio.CancelScope] = set()
        self._failures = 0
        self._slow_until = 0.0
        self._to_reconsider: set[int] = set()
        self._is_exhausted = False
        self._is_done = False
        self._more_to_send = anyio.Event()
        self._more_to_look = anyio.Event()
        self.is_stopping = False
        self.obstacle: BadgesError | None = None
        self.progress = Progress()

    @property
    def precision(self) -> Precision:
        """How exactly the platform gives ``issuedOn`` back, as far as is known."""
        return self._sender.precision

    def stop(self) -> None:
        """Claim nothing more; what is under way comes to its end."""
        self.is_stopping = True
        self._wake()

    def leave(self) -> None:
        """Stop, and cut off what is under way; the ledger keeps it as begun."""
        self.stop()
        for scope in self._kept:
            scope.cancel()

    @contextmanager
    def _to_its_end(self) -> Iterator[None]:
        """Let nothing but `leave` break off what is done in the block."""
        with anyio.CancelScope(shield=True) as scope:
            self._kept.add(scope)
            try:
                yield
            finally:
                self._kept.discard(scope)

    def nudge(self) -> None:
        """Look for effects that were added since."""
        self._is_exhausted = False
        self._wake()

    async def award_one(self, effect: Effect) -> Effect | None:
        """Send one planned effect, if it is still planned; give it when it has ended by that."""
        return await self._send_again(effect)

    async def look_first(self, effect: Effect) -> list[Sighting]:
        """List what the platform has for a planned effect.

        Raises:
            BadgesError: it cannot be asked.
        """
        return await self._oracle.look(effect.badge, effect.recipient)

    async def look_into(self, effects: list[Effect]) -> float:
        """Look once into effects in doubt that are due; give the seconds until the next one is."""
        self._is_exhausted = True
        return await self._look_at(effects)

    async def work(self) -> None:
        """Work. Raises LedgerError when something cannot be written down."""
        self.progress.load(await self._ledger.counts(self._run.id))
        await self._client.session.open()
        async with anyio.create_task_group() as group:
            for _ in range(self._workers):
                group.start_soon(self._award_on)
            group.start_soon(self._look_on)

    # Sending

    async def _award_on(self) -> None:
        while not self._has_ended():
            if self._is_exhausted:
                await self._more_to_send.wait()
                continue
            await self._wait_out_trouble()
            if not await self._signed_in() or self._has_ended():
                continue
            async with self._client.session.permit() as permit:
                if self._has_ended() or self._is_exhausted:
                    continue
                ended = await self._claim_and_send(permit)
            if ended is not None:
                await self._tell(ended)

    async def _claim_and_send(self, permit: Permit) -> Effect | None:
        ended: Effect | None = None
        with self._to_its_end():
            lease = Lease(self._clock, self._pacing.lease)  # before the intent, not after
            effect = None
            if self._left > 0:
                self._left -= 1  # before the wait: others count, too
                effect = await self._ledger.claim(self._run.id)
                self._left += effect is None
            if effect is None:
                self._is_exhausted = True
                self._wake()
            else:
                self.progress.moved(State.PLANNED, State.SENDING)
                ended = await self._send(effect, lease, permit)
        return ended

    async def _send_again(self, doubt: Effect) -> Effect | None:
        """Send what is planned, or what was just not listed, if nobody else has since."""
        ended: Effect | None = None
        async with self._client.session.permit() as permit:
            with self._to_its_end():
                lease = Lease(self._clock, self._pacing.lease)
                effect = await self._ledger.change(doubt, Claimed())
                if effect is not None:
                    self.progress.moved(doubt.state, State.SENDING)
                    ended = await self._send(effect, lease, permit)
        return ended

    async def _send(self, effect: Effect, lease: Lease, permit: Permit) -> Effect | None:
        self._own.add(effect.id)
        try:
            self._reach("after_intent")
            verdict, error = await self._sender.send(effect, lease, permit)
            self._heed(effect, verdict, error)
            self._reach("after_response")
            return await self._conclude(effect, verdict.event)
        finally:
            self._own.discard(effect.id)
            if self._is_exhausted and not self._own:
                self._more_to_look.set()

    def _heed(self, effect: Effect, verdict: Verdict, error: BadgesError | None) -> None:
        """Do what an answer means for the others, before anybody else can be sent."""
        if error is None:
            self._failures = 0
        elif verdict.run is ForTheRun.PAUSE:
            self._pause(error)
        elif verdict.run is ForTheRun.SLOW_DOWN:
            self._slow_down(error)
        if self._streak.note(effect.id, verdict.event) and error is not None:
            self._to_reconsider |= self._streak.effects
            self._pause(error)

    async def _conclude(self, effect: Effect, event: Event) -> Effect | None:
        new = await self._change(effect, event)
        self._reach("after_commit")
        if self.precision is not self._run.precision:
            self._run = attrs.evolve(self._run, precision=self.precision)
            await self._ledger.update_run(self._run.id, {"precision": self.precision.value})
        if new is None:
            return await self._tell_late(effect, event)
        if self._to_reconsider:
            await self._reconsider_refusals()
        if new.state is State.PLANNED:
            self.nudge()
        elif new.standing.answer is not LastAnswer.NONE:
            self._more_to_look.set()
        return new if new.state in ENDS else None

    async def _tell_late(self, effect: Effect, event: Event) -> Effect | None:
        """Write an answer to an attempt that others have given up as stale, when it is a yes."""
        if isinstance(event, Awarded):
            now = await self._ledger.reread(effect)
            is_the_same = now.standing.attempt == effect.standing.attempt
            if is_the_same and now.state in {State.UNKNOWN, State.NEEDS_PERSON}:
                return await self._change(now, event)
        return None

    async def _change(self, effect: Effect, event: Event) -> Effect | None:
        new = await self._ledger.change(effect, event)
        if new is None:
            return None
        self.progress.moved(effect.state, new.state)
        if new.state in ENDS:
            self._seen.forget(new)
        else:
            self._seen.seconds(new)  # the wait begins now
        return new

    # What an answer means for the others

    def _pause(self, error: BadgesError) -> None:
        self.obstacle = self.obstacle or error
        self.stop()

    def _slow_down(self, error: BadgesError) -> None:
        self._failures += 1
        if isinstance(error, ConnectError) and self._failures >= _NO_CONNECTIONS:
            self._pause(error)
        seconds = self._policy.wait(self._failures, self._clock.draw())
        self._slow_until = max(self._slow_until, self._clock.monotonic() + seconds)

    async def _reconsider_refusals(self) -> None:
        """Have the refused rows sent again once a person has mended what they were refused for."""
        async for effect in self._ledger.effects(self._run.id, [State.UNKNOWN]):
            if effect.id in self._to_reconsider and effect.standing.answer is LastAnswer.REFUSED:
                await self._change(effect, Reconsidered())

    async def _wait_out_trouble(self) -> None:
        while not self.is_stopping and (left := self._slow_until - self._clock.monotonic()) > 0:
            await self._clock.sleep(min(left, _LONGEST_NAP))

    async def _signed_in(self) -> bool:
        """Get a token before a permit is taken: who waits for one under a permit blocks others."""
        try:
            await self._client.session.signed_in()
        except ConnectError as error:
            self._slow_down(error)
            return False
        except BadgesError as error:
            self._pause(error)
            return False
        return True

    # Looking

    async def _look_on(self) -> None:
        while not self._has_ended():
            self._more_to_look = anyio.Event()
            open_ones = await self._ledger.page(
                self._run.id, [State.SENDING, State.UNKNOWN], most=2000
            )
            nap = await self._look_at(open_ones)
            if not open_ones and await self._nothing_is_left():
                self._is_done = True
                self._wake()
                return
            self.progress.next_look_in = nap if open_ones else None
            await self._clock.sleep(_SHORTEST_NAP)
            with anyio.move_on_after(max(0.0, min(nap, _LONGEST_NAP))):
                await self._more_to_look.wait()

    async def _nothing_is_left(self) -> bool:
        if self._own or not self._is_exhausted:
            return False
        counts = await self._ledger.counts(self._run.id)
        waiting = (State.PLANNED,) if self._left > 0 else ()
        return not any(counts.get(s) for s in (*waiting, State.SENDING, State.UNKNOWN))

    async def _look_at(self, effects: list[Effect]) -> float:
        """Look into all that are due; give the seconds until the next one is."""
        if self._is_exhausted and not self._own:
            self._streak.end()  # nothing more will come that could show whose fault it is
        due: dict[str, list[Effect]] = {}
        nap = _LONGEST_NAP
        for effect in effects:
            if effect.id in self._own or effect.id in self._streak.effects:
                continue
            seconds = due_in(effect, self._seen, self._pacing)
            if seconds > 0:
                nap = min(nap, seconds)
            elif effect.state is State.SENDING:
                await self._change(effect, FoundStale())
                nap = 0.0
            elif sum(map(len, due.values())) < _MOST_LOOKS:
                due.setdefault(effect.badge, []).append(effect)
                nap = 0.0
        for badge, doubts in due.items():
            if self._has_ended():
                break
            nap = max(nap, await self._look_into(badge, doubts))
        return nap

    async def _look_into(self, badge: str, doubts: list[Effect]) -> float:
        """Ask the platform about doubts of one badge class; give the seconds to leave it alone."""
        try:
            if await self._oracle.filter_works(badge):
                async with anyio.create_task_group() as group:
                    for doubt in doubts:
                        group.start_soon(self._look_by_filter, doubt)
                return 0.0
            found = await self._oracle.walk(badge, doubts)
        except BadgesError as error:
            return await self._could_not_ask(error, doubts)
        async with anyio.create_task_group() as group:
            for doubt in doubts:
                group.start_soon(self._decide, doubt, found[doubt.id])
        return 0.0

    async def _look_by_filter(self, doubt: Effect) -> None:
        try:
            found = await self._oracle.look(doubt.badge, doubt.recipient)
        except BadgesError as error:
            await self._could_not_ask(error, [doubt])
        else:
            await self._decide(doubt, found)

    async def _could_not_ask(self, error: BadgesError, doubts: list[Effect]) -> float:
        if verdict_of(error).run is ForTheRun.PAUSE:
            self._pause(error)
            return 0.0
        for doubt in doubts:
            if is_overdue(doubt, self._seen, self._pacing):
                await self._end_patience(doubt, f"the platform could not be asked: {error.message}")
        return self._policy.wait(1, self._clock.draw())

    async def _decide(self, doubt: Effect, found: list[Sighting]) -> None:
        self._reach("after_listing")
        event = what_is_listed(doubt, found, precision=self.precision, now=self._clock.now())
        is_contradiction = isinstance(event, ListedNone) and (
            doubt.standing.answer is LastAnswer.HELD
        )
        if is_contradiction and is_overdue(doubt, self._seen, self._pacing):
            await self._end_patience(doubt, "the platform says it is held, and lists nothing")
            return
        new = await self._change(doubt, event)
        if new is not None and may_be_sent_again(new.standing) and not self._has_ended():
            await self._wait_out_trouble()
            new = None if self._has_ended() else await self._send_again(new)
        if new is not None and new.state in ENDS:
            await self._tell(new)

    async def _end_patience(self, doubt: Effect, why: str) -> None:
        event = PatienceEnded(error_code="NeedsPerson", error_message=why)
        new = await self._change(doubt, event)
        if new is not None:
            await self._tell(new)

    def _has_ended(self) -> bool:
        if self._hold is not None and self._hold.is_lost:
            self.is_stopping = True
        return self.is_stopping or self._is_done

    def _wake(self) -> None:
        waiting, self._more_to_send = self._more_to_send, anyio.Event()
        waiting.set()
        self._more_to_look.set()
