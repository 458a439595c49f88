"""Sending awards: the order of one send is the whole point.

Permit, intent on the disk, lease checked with the connection in hand, one POST, and the result
written against the attempt it belongs to. From the claim to the result nothing is cancelled;
stopping means that no further effect is claimed. Only `Course.leave` cuts a send off: what it
leaves is in doubt, and looked into by whoever resumes.
"""

from __future__ import annotations

import attrs

from aiobadges.awards.course import Course
from aiobadges.awards.fingerprint import Precision
from aiobadges.awards.lease import Lease
from aiobadges.awards.ledger_effects import Effect
from aiobadges.awards.sending import Sender
from aiobadges.awards.states import (
    ENDS,
    Awarded,
    Claimed,
    Event,
    LastAnswer,
    Reconsidered,
    State,
)
from aiobadges.awards.verdict import RefusalStreak
from aiobadges.errors import BadgesError
from aiobadges.parchment.client import ParchmentClient
from aiobadges.transport.limits import Permit

__all__ = ["Awarding"]


class Awarding:
    """Sends the planned effects of a run, as many workers at once as are started.

    Args:
        course: the run.
        client: what sends, with the timeouts of the run.
        has_streaks: whether equal refusals in a row speak of the run: of rows that nothing joins
            but time they do not.
        most: so many planned rows are begun.
    """

    def __init__(
        self, course: Course, client: ParchmentClient, *, has_streaks: bool, most: int
    ) -> None:
        self._course = course
        self._client = client
        self._sender = Sender(client, course.run.precision)
        self._streak = RefusalStreak() if has_streaks else None
        self._left = most
        self._own: set[int] = set()
        self._to_reconsider: set[int] = set()
        self._is_exhausted = not most

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
            self._course.bell.ring()

    def end_streak(self) -> None:
        """Decide what waits for the next answer: nothing will come that shows whose fault it is."""
        if self._streak is not None:
            self._streak.end()

    async def work_on(self) -> None:
        """Send planned effects until the run ends."""
        course = self._course
        while not course.has_ended():
            if self._is_exhausted:
                await course.bell.next_ring().wait()
                continue
            await course.wait_out_trouble()
            if not await course.signed_in(self._client) or course.has_ended():
                continue
            async with self._client.session.permit() as permit:
                if course.has_ended() or self._is_exhausted:
                    continue
                ended = await self._claim_and_send(permit)
            if ended is not None:
                await course.tell(ended)

    async def _claim_and_send(self, permit: Permit) -> Effect | None:
        course = self._course
        with course.to_its_end():
            lease = Lease(course.clock, course.run.pacing.lease)  # before the intent, not after
            effect = None
            if self._left > 0:
                self._left -= 1  # before the wait: others count, too
                effect = await course.ledger.claim(course.run.id)
                self._left += effect is None
            if effect is None:
                self._is_exhausted = True
                course.bell.ring()
                return None
            course.moved(State.PLANNED, effect)
            return await self._send(effect, lease, permit)

    async def send_again(self, doubt: Effect) -> Effect | None:
        """Send what is planned, or was just not listed, if nobody else has since.

        Returns:
            The effect when it has ended by that.
        """
        course = self._course
        async with self._client.session.permit() as permit:
            with course.to_its_end():
                lease = Lease(course.clock, course.run.pacing.lease)
                effect = await course.change(doubt, Claimed())
                return None if effect is None else await self._send(effect, lease, permit)

    async def _send(self, effect: Effect, lease: Lease, permit: Permit) -> Effect | None:
        course = self._course
        self._own.add(effect.id)
        try:
            course.reach("after_intent")
            event, error = await self._sender.send(effect, lease, permit)
            course.heed(error)  # before anybody else can be sent
            self._note_streak(effect, event, error)
            course.reach("after_response")
            return await self._conclude(effect, event)
        finally:
            self._own.discard(effect.id)
            if self.is_idle:
                course.bell.ring()

    def _note_streak(self, effect: Effect, event: Event, error: BadgesError | None) -> None:
        streak = self._streak
        if streak is not None and streak.note(effect.id, event) and error is not None:
            self._to_reconsider |= streak.effects
            self._course.pause(error)

    async def _conclude(self, effect: Effect, event: Event) -> Effect | None:
        course = self._course
        new = await course.change(effect, event)
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
