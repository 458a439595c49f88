"""Looking into doubts: what the platform lists decides, and only what it does not is sent again.

Each turn looks at the effects that are open and due. When is in `lease`, what a listing means in
`matching`, how far it is to be believed in `reconcile`; here is the waiting.
"""

from __future__ import annotations

import anyio

from aiobadges.awards.awarding import Awarding
from aiobadges.awards.course import LONGEST_NAP, Course
from aiobadges.awards.lease import due_in, is_overdue
from aiobadges.awards.ledger.effects import Effect, Selection
from aiobadges.awards.ledger.errors import LedgerError
from aiobadges.awards.matching import what_is_listed
from aiobadges.awards.reconcile import Oracle
from aiobadges.awards.revoking import Revoking
from aiobadges.awards.sightings import Sighting
from aiobadges.awards.states import (
    ENDS,
    FoundStale,
    LastAnswer,
    ListedNone,
    PatienceEnded,
    State,
    UndoAsked,
    may_be_sent_again,
)
from aiobadges.awards.undo import ABANDONED
from aiobadges.awards.verdict import ForTheRun, verdict_of
from aiobadges.errors import BadgesError
from aiobadges.wire.retry import RetryPolicy

__all__ = ["Doubts"]

_MOST_LOOKS = 100
_MOST_SEEN = 2000
_SHORTEST_NAP = 0.02
_IN_DOUBT = (State.SENDING, State.UNKNOWN)  # in the order in which an effect goes through them


class Doubts:
    """The doubts of a run.

    Args:
        course: the run.
        oracle: asks the platform.
        awarding: sends again what was not listed.
        revoking: revokes what was done, when that is to be taken back.
        takes_back: why everything is taken back, empty when it is not: then nothing is sent again,
            what was not done is abandoned, and what was done is revoked.
        only: which effects are meant, None for all.
    """

    def __init__(
        self,
        course: Course,
        oracle: Oracle,
        awarding: Awarding,
        revoking: Revoking,
        *,
        takes_back: str = "",
        only: Selection | None = None,
    ) -> None:
        self._course = course
        self._oracle = oracle
        self._awarding = awarding
        self._revoking = revoking
        self._takes_back = takes_back
        self._only = only
        self._policy = RetryPolicy()
        self._failures = 0

    async def work_on(self) -> None:
        """Look into doubts until the run ends; say so when nothing is left of it."""
        course = self._course
        while not course.has_ended():
            rung = course.bell.next_ring()
            is_quiet = (
                self._awarding.is_idle and self._revoking.is_idle
            )  # before the look, not after
            doubts = await self._doubts()
            nap = await self.look_into(doubts)
            if is_quiet and not doubts:
                if not await self._is_planned():
                    course.finish()
                    return
                self._awarding.nudge()
            course.progress.next_look_in = nap if doubts else None
            await course.clock.sleep(_SHORTEST_NAP)
            with anyio.move_on_after(max(0.0, min(nap, LONGEST_NAP))):
                await rung.wait()

    async def _doubts(self) -> list[Effect]:
        """Give the first of them: the others come when these have ended."""
        course = self._course
        found: dict[int, Effect] = {}
        async for effect in course.ledger.effects(course.run.id, _IN_DOUBT):
            if self._only is None or self._only(effect):
                found[effect.id] = effect  # one that was just lost is given in both states
            if len(found) >= _MOST_SEEN:
                break
        else:
            course.seen.keep_only(found)
        return list(found.values())

    async def _is_planned(self) -> bool:
        """Say whether something is to be begun: a revocation, or another process, made it so."""
        counts = await self._course.ledger.counts(self._course.run.id)
        return self._awarding.begins_more and bool(counts.get(State.PLANNED))

    async def look_into(self, effects: list[Effect]) -> float:
        """Look once into those that are due; give the seconds until the next one is."""
        course = self._course
        if self._awarding.is_idle:
            self._awarding.end_streak()
        due: dict[str, list[Effect]] = {}
        nap = LONGEST_NAP
        for effect in effects:
            if self._awarding.is_busy_with(effect):
                continue
            seconds = due_in(effect, course.seen, course.run.pacing)
            if seconds > 0:
                nap = min(nap, seconds)
            elif effect.state is State.SENDING:
                await course.change(effect, FoundStale())
                nap = 0.0
            elif sum(map(len, due.values())) < _MOST_LOOKS:
                due.setdefault(effect.badge, []).append(effect)
                nap = 0.0
        for badge, doubts in due.items():
            if course.has_ended():
                break
            nap = max(nap, await self._look_at_badge(badge, doubts))
        return nap

    async def _look_at_badge(self, badge: str, doubts: list[Effect]) -> float:
        """Ask the platform about doubts of one badge class; give the seconds to leave it alone."""
        failed: list[tuple[Effect, BadgesError]] = []
        try:
            # Nothing hangs on a listing that is broken off, and it may wait for a long pause.
            with self._course.unless_stopped() as asking:
                works = await self._oracle.filter_works(badge)
                found = {} if works else await self._oracle.walk(badge, doubts)
            if asking.cancelled_caught:
                return 0.0
            if works:
                async with anyio.create_task_group() as group:
                    for doubt in doubts:
                        group.start_soon(self._look_by_filter, doubt, failed)
            else:
                async with anyio.create_task_group() as group:
                    for doubt in doubts:
                        group.start_soon(self._decide, doubt, found[doubt.id])
        except LedgerError:
            raise
        except BadgesError as error:
            failed = [(doubt, error) for doubt in doubts]
        for doubt, why in failed:
            await self._could_not_ask(doubt, why)
        if len(failed) < len(doubts):
            self._failures = 0
            return 0.0
        self._failures += 1
        return self._policy.wait(self._failures, self._course.clock.draw())

    async def _look_by_filter(
        self, doubt: Effect, failed: list[tuple[Effect, BadgesError]]
    ) -> None:
        try:
            with self._course.unless_stopped() as asking:
                found = await self._oracle.look(doubt.badge, doubt.recipient)
        except LedgerError:
            raise
        except BadgesError as error:
            failed.append((doubt, error))
        else:
            if not asking.cancelled_caught:
                await self._decide(doubt, found)

    async def _could_not_ask(self, doubt: Effect, error: BadgesError) -> None:
        course = self._course
        if verdict_of(error).run is ForTheRun.PAUSE:
            course.pause(error)
        elif is_overdue(doubt, course.seen, course.run.pacing):
            await self._end_patience(doubt, f"the platform could not be asked: {error.message}")

    async def _decide(self, doubt: Effect, found: list[Sighting]) -> None:
        course = self._course
        course.reach("after_listing")
        event = what_is_listed(
            doubt, found, precision=self._awarding.precision, now=course.clock.now()
        )
        is_contradiction = isinstance(event, ListedNone) and (
            doubt.standing.answer is LastAnswer.HELD
        )
        if is_contradiction and is_overdue(doubt, course.seen, course.run.pacing):
            await self._end_patience(doubt, "the platform says it is held, and lists nothing")
            return
        new = await course.change(doubt, event)
        if new is not None and may_be_sent_again(new.standing):
            new = await self._not_done(new)
        elif new is not None and new.state is State.AWARDED and self._takes_back:
            new = await course.change(new, UndoAsked(), reason=self._takes_back)
            self._revoking.nudge()
        if new is not None and new.state in ENDS:
            await course.tell(new)

    async def _not_done(self, doubt: Effect) -> Effect | None:
        course = self._course
        if self._takes_back:
            return await course.change(doubt, ABANDONED)
        await course.wait_out_trouble()
        return None if course.has_ended() else await self._awarding.send_again(doubt)

    async def _end_patience(self, doubt: Effect, why: str) -> None:
        event = PatienceEnded(error_code="NeedsPerson", error_message=why)
        new = await self._course.change(doubt, event)
        if new is not None:
            await self._course.tell(new)
