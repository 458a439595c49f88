"""The ledger: where every award is written down before it is sent, and what became of it.

An async face of one database, SQLite unless told otherwise. ::

    async with Ledger.open() as ledger:
        for run in await ledger.runs(unfinished=True):
            print(run.id, run.source)
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import attrs
import sqlalchemy as sa

from aiobadges.awards.ledger.changes import (
    Change,
    CollidingChangesError,
    change_effects,
    claim_effects,
)
from aiobadges.awards.ledger.effects import (
    Effect,
    add_effects,
    count_states,
    effects_in,
    find_by_id,
    find_by_key,
)
from aiobadges.awards.ledger.engine import BUSY_SECONDS, ledger_url, open_engine, place_of
from aiobadges.awards.ledger.history import Happening, happenings_of
from aiobadges.awards.ledger.hold import Hold, holding
from aiobadges.awards.ledger.runs import RunRecord, add_run, find_run, list_runs, update_run
from aiobadges.awards.ledger.writer import Writer
from aiobadges.awards.states import Event, State
from aiobadges.parchment.client import ParchmentClient
from aiobadges.places import ledger_file
from aiobadges.transport.clock import Clock
from aiobadges.wire.url import timestamp

__all__ = ["Ledger"]

T = TypeVar("T")

_CLOSING_SECONDS = 10.0


@attrs.frozen(kw_only=True)
class _Writing:
    changes: tuple[Change, ...]
    run: str
    most: int
    at: str
    holder: str


def _write_many(
    connection: sa.Connection, asked: Sequence[_Writing]
) -> list[tuple[list[Effect | None], list[Effect]]]:
    return [
        (
            change_effects(connection, one.changes) if one.changes else [],
            claim_effects(connection, one.run, one.most, at=one.at, holder=one.holder)
            if one.most
            else [],
        )
        for one in asked
    ]


class Ledger:
    """A ledger. Make one with `open`; it belongs to the event loop it was opened in.

    Args:
        writer: the thread that talks to the database.
        clock: where time comes from.
        place: where it is, for people.
    """

    def __init__(self, writer: Writer, clock: Clock, *, place: str = "") -> None:
        self.writer = writer
        self.place = place
        self.clock = clock
        self._tasks: dict[asyncio.Task[Any], Callable[[], None] | None] = {}

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        place: str | Path | None = None,
        *,
        clock: Clock | None = None,
        busy_seconds: float = BUSY_SECONDS,
    ) -> AsyncIterator[Ledger]:
        """Open a ledger, and make it when there is none.

        Args:
            place: a database URL or a file; None for what AIOBADGES_LEDGER says, else a file in
                this user's data folder.
            clock: where time comes from, for tests.
            busy_seconds: how long a write waits for another process's.

        Raises:
            LedgerPlaceError: a ledger cannot be there, or a later version made it.
            LedgerError: it cannot be opened.
        """
        url = ledger_url(place or os.environ.get("AIOBADGES_LEDGER") or ledger_file())
        writer = Writer(lambda: open_engine(url, busy_seconds=busy_seconds))
        ledger = cls(writer, clock or Clock(), place=place_of(url))
        await ledger.writer.open()
        try:
            yield ledger
        finally:
            await ledger.aclose()

    async def aclose(self) -> None:
        """Stop what is under way for it, let what was sent be written down, and close."""
        for task, stop in list(self._tasks.items()):
            if stop is None:
                task.cancel()
            else:
                stop()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_CLOSING_SECONDS)
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(list(self._tasks))
        await self.writer.aclose()

    def settling(self, client: ParchmentClient) -> AbstractAsyncContextManager[None]:
        """Bring every award of `award_once` to its end while the block runs, also of dead processes.

        Args:
            client: what lists and sends; only what was begun on its origin and account.
        """
        from aiobadges.awards.once import settling  # noqa: PLC0415 - it imports this module

        return settling(self, client)

    def start(
        self, work: asyncio.Task[T], *, stop: Callable[[], None] | None = None
    ) -> asyncio.Task[T]:
        """Keep a task until it ends; closing the ledger awaits it.

        Args:
            work: the task.
            stop: asks it to end by itself; None for one that may be cancelled at any time.
        """
        self._tasks[work] = stop
        work.add_done_callback(lambda done: self._tasks.pop(done, None))
        return work

    async def runs(self, *, unfinished: bool = False) -> list[RunRecord]:
        """List the runs, newest first.

        Args:
            unfinished: only those with a row that has not come to its end.
        """
        return await self.writer.do(lambda c: list_runs(c, unfinished=unfinished))

    async def run(self, identity: str) -> RunRecord:
        """Give a run.

        Raises:
            NoSuchRunError: there is none of that id.
        """
        return await self.writer.do(lambda c: find_run(c, identity))

    async def add_run(self, record: RunRecord) -> None:
        """Write a new run down."""
        await self.writer.do(lambda c: add_run(c, record))

    async def update_run(self, identity: str, values: Mapping[str, object]) -> None:
        """Change what is written about a run."""
        await self.writer.do(lambda c: update_run(c, identity, values))

    def hold(self, run: str, *, new: RunRecord | None = None) -> AbstractAsyncContextManager[Hold]:
        """Work on a run as the only one: ``async with ledger.hold(run)``.

        Args:
            run: its id.
            new: the run, when it is not in the ledger yet.

        Raises:
            RunInUseError: another process does.
        """
        return holding(self.writer, run, self.clock, new=new)

    async def add(self, effects: Sequence[Effect]) -> list[Effect]:
        """Write effects down; give those left out because another of their key is in the way."""
        return await self.writer.do(lambda c: add_effects(c, effects))

    async def write(
        self, changes: Sequence[Change], *, claim: tuple[str, int], holder: str = ""
    ) -> tuple[list[Effect | None], list[Effect]]:
        """Write down what happened to effects, and take planned ones to send them, in one commit.

        Args:
            changes: what happened.
            claim: the run, and how many of its planned effects are taken at most.
            holder: none are taken when somebody else holds the run; empty for whoever holds it.

        Returns:
            The effects of the changes as they are now, None for one that no longer stood as it was
            seen; and the effects that were taken. Their intents are on the disk.
        """
        run, most = claim
        asked = _Writing(changes=tuple(changes), run=run, most=most, at=self.at(), holder=holder)
        try:
            return await self.writer.ask(_write_many, asked)
        except CollidingChangesError:  # somebody else has got hold of one of them
            changed = [await self.writer.ask(change_effects, change) for change in changes]
            _, claimed = await self.writer.ask(_write_many, attrs.evolve(asked, changes=()))
            return changed, claimed

    async def claim(self, run: str) -> Effect | None:
        """Take a planned effect to send it; None when there is none. Its intent is on the disk."""
        _, claimed = await self.write((), claim=(run, 1))
        return claimed[0] if claimed else None

    async def change(
        self, effect: Effect, event: Event, *, reason: str = "", holder: str = ""
    ) -> Effect | None:
        """Write down what happened to an effect, and give it as it is then.

        Args:
            effect: the effect as it was seen.
            event: what happened.
            reason: why, when it is to be taken back.
            holder: it is not written when somebody else holds the run; empty for whoever holds it.

        Returns:
            The effect; None when it no longer stands as it was seen, or the run is somebody else's.

        Raises:
            ImpossibleEventError: that cannot happen to an effect that stands so.
        """
        change = Change(effect=effect, event=event, at=self.at(), reason=reason, holder=holder)
        return await self.writer.ask(change_effects, change)

    async def counts(self, run: str) -> dict[State, int]:
        """Count the rows of a run by where they stand."""
        return await self.writer.do(lambda c: count_states(c, run))

    async def page(
        self,
        run: str,
        states: Iterable[State] | None = None,
        *,
        after_id: int = 0,
        most: int = 500,
    ) -> list[Effect]:
        """Give some rows of a run in their order, beginning after one."""
        wanted = None if states is None else tuple(states)
        return await self.writer.do(
            lambda c: effects_in(c, run, wanted, after_id=after_id, most=most)
        )

    async def effects(
        self, run: str, states: Iterable[State] | None = None
    ) -> AsyncIterator[Effect]:
        """Give the rows of a run, one state after the other, a page at a time.

        A row that changes its state meanwhile may be given twice, or not at all.
        """
        for state in State if states is None else states:
            last = 0
            while page := await self.page(run, [state], after_id=last):
                for effect in page:
                    yield effect
                last = page[-1].id

    async def find(self, key: str) -> Effect | None:
        """Find the row that makes, made or may yet make the award of a key."""
        return await self.writer.do(lambda c: find_by_key(c, key))

    async def reread(self, effect: Effect) -> Effect:
        """Read a row as it stands now."""
        return await self.writer.do(lambda c: find_by_id(c, effect.id))

    async def history(self, effect: Effect) -> list[Happening]:
        """Give everything that happened to a row, oldest first."""
        return await self.writer.do(lambda c: happenings_of(c, effect.id))

    async def ask(self, work: Callable[[sa.Connection], T]) -> T:
        """Do something in a transaction of the ledger."""
        return await self.writer.do(work)

    def at(self) -> str:
        """Give the wall clock as it is written down: for people, nothing waits by it."""
        return timestamp(self.clock.now())
