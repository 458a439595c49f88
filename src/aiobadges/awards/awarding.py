"""Sending awards: the order of one send is the whole point.

The intent is on the disk, then comes the permit, the lease is checked with the connection in hand,
there is one POST, and the result is written against the attempt it belongs to. Three kinds of tasks
share that out, for a commit waits for the disk and is made for many:

* one writes answers down and, in the same commit, the intents of what is sent next: a few ahead of
  the permits, so few that their leases hold; one that does not hold any more is given back unsent;
* one takes permits, and gives each with an intent to a worker;
* the workers send.

From the intent to the result nothing is cancelled; stopping means that nothing further is begun,
and that what has an intent and was not sent is given back. Only `Course.leave` cuts sends off: what
it leaves is in doubt, and looked into by whoever resumes.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import TypeAlias

import anyio
import attrs

from aiobadges.awards.course import Bell, Course
from aiobadges.awards.fingerprint import Precision
from aiobadges.awards.lease import Lease
from aiobadges.awards.ledger.changes import Change
from aiobadges.awards.ledger.effects import Effect
from aiobadges.awards.sending import Sender
from aiobadges.awards.states import (
    ENDS,
    Awarded,
    Claimed,
    Event,
    LastAnswer,
    NotDone,
    Reconsidered,
    State,
)
from aiobadges.awards.verdict import RefusalStreak
from aiobadges.parchment.client import ParchmentClient
from aiobadges.transport.limits import Permit

__all__ = ["Awarding"]

_Intent: TypeAlias = tuple[Effect, Lease]

_WAITS = 0.1
"""The share of its lease that an intent is to wait for a permit at most."""
_BETWEEN_COMMITS = 0.005
"""Seconds. What is answered meanwhile shares a commit, which is half of what an award costs."""
_FIRST_AHEAD = 4
"""So many are written ahead until it shows how fast they go out."""
_NEWEST = 0.2
"""The weight of the newest figure in a running mean."""


class Awarding:
    """Sends the planned effects of a run.

    Args:
        course: the run.
        client: what sends, with the timeouts of the run.
        has_streaks: whether equal refusals in a row speak of the run: of rows that nothing joins
            but time they do not.
        most: so many planned rows are begun.
        workers: so many are sent at once at most; the client's limiter has a bound of its own.
    """

    def __init__(
        self,
        course: Course,
        client: ParchmentClient,
        *,
        has_streaks: bool,
        most: int,
        workers: int,
    ) -> None:
        self._course = course
        self._client = client
        self._sender = Sender(client, course.run.precision)
        self._streak = RefusalStreak() if has_streaks else None
        self._left = most
        self._most_ahead = 2 * workers
        self._gap = course.run.pacing.lease * _WAITS / _FIRST_AHEAD
        self._handed_at = course.clock.monotonic()
        self._intents: deque[_Intent] = deque()
        self._ready: asyncio.Queue[tuple[_Intent, Permit] | None] = asyncio.Queue()
        self._answers: list[tuple[Effect, Event]] = []
        self._own: set[int] = set()
        self._to_reconsider: set[int] = set()
        self._is_exhausted = not most
        self._workers = workers
        self._free = asyncio.Semaphore(workers)
        self._is_handing_out = True
        self._to_write, self._to_send = Bell(), Bell()

    @property
    def precision(self) -> Precision:
        """How exactly the platform gives ``issuedOn`` back, as far as is known."""
        return self._sender.precision

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way, and nothing planned is left for it to begin."""
        return self._is_exhausted and not self._own

    @property
    def begins_more(self) -> bool:
        """Whether planned rows may still be begun."""
        return self._left > 0

    def is_busy_with(self, effect: Effect) -> bool:
        """Say whether its answer is awaited here, or is not decided yet."""
        waits_for_others = self._streak is not None and effect.id in self._streak.effects
        return waits_for_others or effect.id in self._own

    def nudge(self) -> None:
        """Look for planned effects again."""
        if self._left > 0:
            self._is_exhausted = False
            self._to_write.ring()

    def end_streak(self) -> None:
        """Decide what waits for the next answer: nothing will come that shows whose fault it is."""
        if self._streak is not None:
            self._streak.end()

    # Giving permits and intents to workers

    async def hand_out(self) -> None:
        """Give each permit with an intent to a worker, until the run ends."""
        course = self._course
        try:
            with course.unless_stopped():
                while not course.has_ended():
                    if not self._intents:
                        await self._starve()
                        continue
                    await course.wait_out_trouble()
                    if await course.signed_in(self._client):
                        await self._free.acquire()  # first: a permit is for who sends at once
                        await self._hand(await self._client.session.acquire())
        finally:
            self._is_handing_out = False
            while self._intents:
                self._give_back(self._intents.popleft()[0])
            for _ in range(self._workers):
                self._ready.put_nowait(None)
            self._to_write.ring()

    async def _starve(self) -> None:
        rung = self._to_send.next_ring()
        self._to_write.ring()
        await rung.wait()

    async def _hand(self, permit: Permit) -> None:
        now = self._course.clock.monotonic()
        self._gap += _NEWEST * (now - self._handed_at - self._gap)
        self._handed_at = now
        intent = self._fresh_intent() or await self._next_fresh_intent(permit)
        if intent is not None:
            self._ready.put_nowait((intent, permit))
        if self._wanted():
            self._to_write.ring()

    async def _next_fresh_intent(self, permit: Permit) -> _Intent | None:
        """Keep a permit for the intents that are written next, or give it back.

        All were too old: at a rate below one in a lease each would be too old again. The next ones
        are a commit away, if there are any.
        """
        intent = None
        try:
            with anyio.move_on_after(self._course.run.pacing.lease):
                while (intent := self._fresh_intent()) is None:
                    await self._starve()
        finally:
            if intent is None:
                permit.release()
                self._free.release()
        return intent

    def _fresh_intent(self) -> _Intent | None:
        while self._intents:
            effect, lease = self._intents.popleft()
            if not lease.is_over:
                return effect, lease
            self._give_back(effect)  # there was a pause: it is planned anew
        return None

    def _give_back(self, effect: Effect) -> None:
        self._answer(effect, NotDone())

    # Sending

    async def work_on(self) -> None:
        """Send what is handed out, until nothing more is."""
        course = self._course
        try:
            with course.to_its_end():
                while (job := await self._ready.get()) is not None:
                    (effect, lease), permit = job
                    if course.has_ended():
                        permit.release()
                        self._give_back(effect)
                    else:
                        self._answer(effect, await self._exchange(effect, lease, permit))
                    self._free.release()
        finally:
            self._workers -= 1
            while not self._workers and not self._ready.empty():
                if (job := self._ready.get_nowait()) is not None:  # the run was left at once
                    job[1].release()
                    self._give_back(job[0][0])
            self._to_write.ring()

    async def _exchange(self, effect: Effect, lease: Lease, permit: Permit) -> Event:
        course = self._course
        course.reach("after_intent")
        event, error = await self._sender.send(effect, lease, permit)
        course.heed(error)  # before anybody else can be sent
        streak = self._streak
        if streak is not None and streak.note(effect.id, event) and error is not None:
            self._to_reconsider |= streak.effects
            course.pause(error)
        course.reach("after_response")
        return event

    def _answer(self, effect: Effect, event: Event) -> None:
        self._answers.append((effect, event))
        self._to_write.ring()

    async def send_again(self, doubt: Effect) -> Effect | None:
        """Send what is planned, or was just not listed, if nobody else has since.

        Returns:
            The effect when it has ended by that.
        """
        course = self._course
        with course.unless_stopped() as waiting:
            permit = await self._client.session.acquire()
        if waiting.cancelled_caught:
            return None
        try:
            if course.has_ended():
                return None
            with course.to_its_end():
                lease = Lease(course.clock, course.run.pacing.lease)  # before the intent, not after
                effect = await course.change(doubt, Claimed())
                if effect is None:
                    return None
                self._own.add(effect.id)
                try:
                    event = await self._exchange(effect, lease, permit)
                    new = await course.change(effect, event)
                    return await self._conclude(effect, event, new)
                finally:
                    self._own.discard(effect.id)
        finally:
            permit.release()

    # Writing down

    async def write_on(self) -> None:
        """Write answers and intents down, until there will be no more of either."""
        course = self._course
        try:
            # Also when the run is left at once: what is known is written down.
            with anyio.CancelScope(shield=True):
                while True:
                    rung = self._to_write.next_ring()
                    answers, self._answers = self._answers, []
                    wanted = self._wanted()
                    if answers or wanted:
                        await self._write(answers, wanted)
                        await course.clock.sleep(_BETWEEN_COMMITS)
                    elif self._workers or self._is_handing_out:
                        await rung.wait()
                    else:
                        break
        finally:
            course.stop()  # it is at its end, or nothing can be written down any more

    def _wanted(self) -> int:
        """Give how many intents are to be written: none, or as many as there is room for."""
        if self._is_exhausted or not self._is_handing_out or self._course.has_ended():
            return 0
        # So many go out while an intent waits as long as it is to wait at most.
        ahead = max(
            1,
            min(
                self._most_ahead, int(_WAITS * self._course.run.pacing.lease / max(self._gap, 1e-6))
            ),
        )
        has_room = 2 * len(self._intents) <= ahead  # one commit for several
        return min(ahead - len(self._intents), self._left) if has_room else 0

    async def _write(self, answers: Sequence[tuple[Effect, Event]], wanted: int) -> None:
        course = self._course
        lease = Lease(course.clock, course.run.pacing.lease)  # before the intents, not after
        self._left -= wanted
        at = course.ledger.at()
        changes = [Change(effect=effect, event=event, at=at) for effect, event in answers]
        changed, claimed = await course.ledger.write(
            changes, claim=(course.run.id, wanted), holder=course.holder
        )
        self._left += wanted - len(claimed)
        for effect in claimed:
            self._own.add(effect.id)
            course.moved(State.PLANNED, effect)
            if self._is_handing_out:
                self._intents.append((effect, lease))
            else:  # the run was stopped meanwhile
                self._give_back(effect)
        if wanted:
            self._is_exhausted = len(claimed) < wanted or not self._left
            self._to_send.ring()
        ended = []
        for change, new in zip(changes, changed, strict=True):
            if new is not None:
                course.moved(change.effect.state, new)
            self._own.discard(change.effect.id)
            ended.append(await self._conclude(change.effect, change.event, new))
        await course.tell(*filter(None, ended))
        if self.is_idle:
            course.bell.ring()

    async def _conclude(self, effect: Effect, event: Event, new: Effect | None) -> Effect | None:
        """Do what follows from a result that was written down; give the effect if it has ended."""
        course = self._course
        course.reach("after_commit")
        if self.precision is not course.run.precision:
            course.run = attrs.evolve(course.run, precision=self.precision)
            await course.ledger.update_run(course.run.id, {"precision": self.precision.value})
        if new is None:
            return await self._conclude_late(effect, event)
        if self._to_reconsider:
            await self._reconsider_refusals()
        if new.state is State.PLANNED:
            self._left += 1  # it was not begun after all
            self.nudge()
        elif new.standing.answer is not LastAnswer.NONE:
            course.bell.ring()
        return new if new.state in ENDS else None

    async def _conclude_late(self, effect: Effect, event: Event) -> Effect | None:
        """Write an answer to an attempt that others have given up as stale, when it is a yes."""
        if isinstance(event, Awarded):
            now = await self._course.ledger.reread(effect)
            is_the_same = now.standing.attempt == effect.standing.attempt
            if is_the_same and now.state in {State.UNKNOWN, State.NEEDS_PERSON}:
                return await self._course.change(now, event)
        return None

    async def _reconsider_refusals(self) -> None:
        """Have the refused rows sent again once a person has mended what they were refused for."""
        course = self._course
        async for effect in course.ledger.effects(course.run.id, [State.UNKNOWN]):
            if effect.id in self._to_reconsider and effect.standing.answer is LastAnswer.REFUSED:
                await course.change(effect, Reconsidered())
