"""A run of awards: planned, applied, stopped, resumed, audited, undone.

::

run = await AwardRun.plan(ledger, client, rows, badges={"": badge})
async for outcome in run.apply(client):
    print(outcome.number, outcome.status)
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Iterable,
    Mapping,
    Sequence,
)
from functools import partial
from typing import Self

from aiobadges.awards.audit import Audit, audit_run
from aiobadges.awards.lease import Pacing
from aiobadges.awards.ledger.effects import Effect, Selection
from aiobadges.awards.ledger.errors import ForeignRunError, LedgerError
from aiobadges.awards.ledger.hold import Hold
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.ledger.outcomes import BEFORE_ALL, outcomes_after
from aiobadges.awards.ledger.runs import RunRecord, RunState
from aiobadges.awards.outcome import Outcome, outcome_of_effect
from aiobadges.awards.plan import PlanPolicy, account_of, plan_run
from aiobadges.awards.progress import Progress
from aiobadges.awards.roster.row import Row
from aiobadges.awards.runner import Runner, Work
from aiobadges.awards.states import ENDS, OPEN, Reconsidered, State
from aiobadges.awards.undo import ask_undo
from aiobadges.errors import BadgesError, ForbiddenError, InvalidCallError, NotFoundError
from aiobadges.parchment.client import ParchmentClient
from aiobadges.parchment.models import BadgeClass

__all__ = ["AwardRun", "check_binding"]

_WAITING_OUTCOMES = 1000


async def check_binding(record: RunRecord, client: ParchmentClient, ledger: Ledger) -> None:
    """Refuse a client that goes elsewhere, or as somebody else, than the run was planned for.

    Raises:
        ForeignRunError: it does.
    """
    if client.settings.origin_name != record.origin:
        raise ForeignRunError(
            f"run {record.id} was planned on {record.origin}, and this client goes to"
            f" {client.settings.origin_name}",
            remedy="Use the region or profile it was planned with",
        )
    account, _ = await account_of(client, fallback=ledger.clock.now())
    if account != record.account:
        raise ForeignRunError(
            f"run {record.id} was planned by another account",
            remedy="Use the profile it was planned with",
        )
    for issuer in filter(None, record.issuer.split(",")):
        try:
            await client.issuers.get(issuer)
        except (ForbiddenError, NotFoundError):
            raise ForeignRunError(
                f"run {record.id} was planned for issuer {issuer}, and this account may not see it",
                remedy="Use the profile it was planned with, or have the account made staff again",
            ) from None


class AwardRun:
    """One run. Make it with `plan`, or with `open` to go on with one.

    Args:
        ledger: where it is written down.
        record: what is written about it.
    """

    def __init__(self, ledger: Ledger, record: RunRecord) -> None:
        self._ledger = ledger
        self.record = record
        self._runner: Runner | None = None
        self._task: asyncio.Task[None] | None = None
        self._progress = Progress()
        self._is_stopped = False

    @property
    def id(self) -> str:
        """Its name in the ledger: four letters and digits."""
        return self.record.id

    @classmethod
    async def plan(
        cls,
        ledger: Ledger,
        client: ParchmentClient,
        rows: Iterable[Row] | AsyncIterable[Row],
        *,
        badges: Mapping[str, BadgeClass],
        source: str = "",
        header: Sequence[str] | None = None,
        policy: PlanPolicy | None = None,
        pacing: Pacing | None = None,
    ) -> Self:
        """Plan a run: list the platform, and write every row down. Nothing is sent.

        Args:
            ledger: where it is written down.
            client: what lists the platform; the run is bound to its origin and account.
            rows: whom to award what; a `Roster` is read as it is planned, and never held.
            badges: the badge class of each name in the rows; ``""`` for the whole roster.
            source: the roster's name.
            header: its columns; None for those of a `Roster`.
            policy: what is done with people who held the badge once.
            pacing: how long things take; None for what fits the region.
        """
        record = await plan_run(
            ledger, client, rows,
            badges=badges, source=source, header=header, policy=policy, pacing=pacing,
        )  # fmt: skip
        run = cls(ledger, record)
        run._progress.load(await ledger.counts(record.id))
        return run

    @classmethod
    async def open(cls, ledger: Ledger, identity: str) -> Self:
        """Give a run of the ledger, to go on with it or to look at it.

        Raises:
            NoSuchRunError: there is none of that id.
        """
        run = cls(ledger, await ledger.run(identity))
        run._progress.load(await ledger.counts(identity))
        return run

    async def apply(
        self,
        client: ParchmentClient,
        *,
        workers: int = 40,
        most: int = sys.maxsize,
        reach: Callable[[str], None] = lambda _: None,
    ) -> AsyncGenerator[Outcome, None]:
        """Award what has not been awarded, and give each row as it comes to its end.

        A run that was broken off goes on where it was. Leaving the loop stops the run: what is
        under way is brought to its end first.

        Args:
            client: what sends; its limiter bounds what is in flight.
            workers: how many rows are worked on at once.
            most: begin only so many rows: the first ones show whether the rest is right.
            reach: is told of each point in `runner.CRASH_POINTS`.

        Raises:
            InvalidCallError: whoever planned it was broken off, or its awards are those of
                `award_once`: `Ledger.settling` brings them to their ends.
            ForeignRunError: the client goes elsewhere, or as somebody else.
            RunInUseError: another process works on the run, or has taken it over.
            LedgerError: something could not be written down; nothing is sent that was not.
            BadgesError: why the run was paused; every further row would meet the same.
        """
        if self.record.is_service:  # nothing was planned: each award is looked for first
            raise InvalidCallError(
                f"run {self.id} is of single awards, which are brought to their ends by the service"
                " that makes them",
                remedy="Start that service: Ledger.settling is what does it",
            )
        if self.record.state is RunState.PLANNING:
            raise InvalidCallError(
                f"run {self.id} was not planned to its end: it has some of the rows only",
                remedy="Plan it anew; nothing of it was sent",
            )
        await check_binding(self.record, client, self._ledger)
        async with self._ledger.hold(self.id) as hold:
            await self._reconsider()
            work = Work(workers=workers, most=most)
            outcomes = self._work(client, work, hold=hold, reach=reach)
            async with contextlib.aclosing(outcomes):
                async for outcome in outcomes:
                    yield outcome

    async def _work(
        self,
        client: ParchmentClient,
        work: Work,
        *,
        hold: Hold,
        reach: Callable[[str], None] = lambda _: None,
    ) -> AsyncGenerator[Outcome, None]:
        """Work in a task of its own, and give each row as it comes to its end."""
        ended = _Ended()
        runner = self._runner = Runner(
            self._ledger, client, self.record, work, tell=ended.tell, hold=hold, reach=reach
        )
        runner.progress = self._progress
        if self._is_stopped:
            runner.stop()
        await self._ledger.update_run(self.id, {"state": RunState.RUNNING.value})
        self._task = self._ledger.start(asyncio.create_task(_work(runner, ended)), stop=runner.stop)
        try:
            while (effect := await ended.take()) is not None:
                yield outcome_of_effect(effect)
        finally:
            runner.stop()
            await _drained(self._task, ended)
            self._is_stopped = False  # that was for this time
            if not hold.is_lost:
                with contextlib.suppress(LedgerError):  # it may be what broke the run off
                    await self._note_end(runner)
        self._task.result()
        if hold.is_lost:
            raise await hold.loss()
        if runner.obstacle is not None:
            raise runner.obstacle

    async def _reconsider(self) -> None:
        """Give what a person was needed for another look: somebody wants the run to go on."""
        async for effect in self._ledger.effects(self.id, [State.NEEDS_PERSON]):
            if effect.error_code == "NeedsPerson":
                await self._ledger.change(effect, Reconsidered())

    async def _note_end(self, runner: Runner) -> None:
        counts = await self._ledger.counts(self.id)
        self._progress.load(counts)
        if runner.obstacle is not None:
            state = RunState.PAUSED
        elif any(counts.get(one) for one in OPEN):
            state = RunState.STOPPED
        else:
            state = RunState.FINISHED
        obstacle = str(runner.obstacle or "")
        await self._ledger.update_run(self.id, {"state": state.value, "obstacle": obstacle})

    def progress(self) -> Progress:
        """Say how far it is; the object is kept up to date."""
        return self._progress

    def request_stop(self) -> None:
        """Begin no further row. Those under way are brought to their end."""
        self._is_stopped = True
        if self._runner is not None:
            self._runner.stop()

    async def stop(self, *, grace: float = 10.0) -> None:
        """Begin no further row, and wait until those under way have ended.

        Args:
            grace: seconds to wait; what has not ended then is left, and looked into by whoever
                resumes the run.
        """
        self.request_stop()
        task = self._task
        if task is not None and not task.done():
            await asyncio.wait([task], timeout=grace)
            if not task.done():
                if self._runner is not None:
                    self._runner.leave()
                task.cancel()
                await asyncio.wait([task])

    async def audit(self, client: ParchmentClient) -> Audit:
        """Compare the run with what the platform lists now, each badge class listed once.

        Raises:
            ForeignRunError: the client goes elsewhere, or as somebody else.
        """
        await check_binding(self.record, client, self._ledger)
        return await audit_run(self._ledger, client, self.record)

    async def undo(
        self,
        client: ParchmentClient,
        *,
        reason: str,
        only: Selection | None = None,
        reach: Callable[[str], None] = lambda _: None,
    ) -> AsyncGenerator[Outcome, None]:
        """Take its awards back, and give each row as it stands then.

        What was not begun is abandoned, and what is in doubt is looked into first, so that nothing
        of it is awarded later. An undo that was broken off goes on with what it had asked for.

        Args:
            client: what revokes.
            reason: why; the recipients can read it.
            only: which rows; None for all.
            reach: is told of each point in `runner.CRASH_POINTS`.

        Raises:
            InvalidCallError: there is no reason.
            ForeignRunError: the client goes elsewhere, or as somebody else.
            RunInUseError: another process works on the run.
            LedgerError: something could not be written down.
            BadgesError: why it was paused; what is left is written down.
        """
        reason = reason.strip()
        if not reason:
            raise InvalidCallError(
                "a revocation needs a reason", remedy="The recipients can read it"
            )
        await check_binding(self.record, client, self._ledger)
        work = Work(workers=0, takes_back=reason, only=only)
        async with self._ledger.hold(self.id) as hold:
            await ask_undo(self._ledger, self.record, reason=reason, only=only)
            outcomes = self._work(client, work, hold=hold, reach=reach)
            async with contextlib.aclosing(outcomes):
                async for outcome in outcomes:
                    yield outcome

    async def outcomes(self, states: Iterable[State] | None = None) -> AsyncIterator[Outcome]:
        """Give every row as it stands in the ledger, in the order of the roster.

        Args:
            states: only rows that stand so.
        """
        place, wanted = BEFORE_ALL, None if states is None else tuple(states)
        while page := await self._ledger.ask(
            partial(outcomes_after, run=self.id, place=place, states=wanted)
        ):
            for place, outcome in page:  # noqa: B007 - the last one is where it goes on
                yield outcome

    async def counts(self) -> dict[State, int]:
        """Count the rows by where they stand in the ledger."""
        return await self._ledger.counts(self.id)

    @property
    def has_ended(self) -> bool:
        """Whether every row has come to its end."""
        return all(state in ENDS for state in self._progress.counts)


class _Ended:
    """Effects that have ended, until somebody takes them."""

    def __init__(self) -> None:
        self._effects: asyncio.Queue[Effect | None] = asyncio.Queue()
        self._room = asyncio.Semaphore(_WAITING_OUTCOMES)

    async def tell(self, effects: Sequence[Effect]) -> None:
        """Add some, then wait while there are too many: a wait that is broken off loses nothing."""
        for effect in effects:
            self._effects.put_nowait(effect)
        for _ in effects:
            await self._room.acquire()

    def end(self) -> None:
        """No more will come."""
        self._effects.put_nowait(None)

    async def take(self) -> Effect | None:
        """Wait for the next one; None when no more will come."""
        effect = await self._effects.get()
        self._room.release()
        return effect

    def drop(self) -> None:
        """Drop those that nobody takes any more."""
        while not self._effects.empty():
            self._effects.get_nowait()
            self._room.release()


async def _work(runner: Runner, ended: _Ended) -> None:
    try:
        await runner.work()
    except BaseExceptionGroup as group:
        raise _first_of_ours(group) from None
    finally:
        ended.end()


def _first_of_ours(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Give one error for the many that broke off a run together."""
    errors: list[BaseException] = list(group.exceptions)
    while errors:
        error = errors.pop(0)
        if isinstance(error, BaseExceptionGroup):
            errors += error.exceptions
        elif isinstance(error, BadgesError):
            return error
    return group


async def _drained(task: asyncio.Task[None], ended: _Ended) -> None:
    """Wait for the runner, whose last outcomes nobody takes any more."""
    while not task.done():
        ended.drop()
        await asyncio.wait([task], timeout=0.05)
