"""Who works on a run: one process at a time, and how the next finds out that it is gone.

A holder moves a figure in the ledger. Who wants the run watches that figure on its own clock: when
it moves, the holder lives and the run is refused; when it does not for a whole lease, the holder is
dead, or asleep so deeply that its leases have ended. Nothing is awarded twice if this judges wrong,
for each send is claimed by itself; it only keeps two people from working on one thing.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import attrs

from aiobadges.awards.ledger.errors import RunInUseError
from aiobadges.awards.ledger.runs import (
    RunRecord,
    add_run,
    beat,
    find_run,
    release_hold,
    take_hold,
)
from aiobadges.awards.ledger.writer import Writer
from aiobadges.transport.clock import Clock

__all__ = ["Hold", "holding", "is_held"]

_BEATS_A_LEASE = 4


class Hold:
    """The right to work on a run. ``is_lost`` when another process has taken it over."""

    def __init__(self, writer: Writer, run: str, holder: str) -> None:
        self._writer = writer
        self._run = run
        self._holder = holder
        self.is_lost = False

    @property
    def holder(self) -> str:
        """What names this process in the run while it holds it."""
        return self._holder

    async def beat(self) -> None:
        """Show that this process lives."""
        if not await self._writer.do(lambda c: beat(c, self._run, self._holder)):
            self.is_lost = True

    async def loss(self) -> RunInUseError:
        """Say who has taken the run over."""
        now = await self._writer.do(lambda c: find_run(c, self._run))
        return RunInUseError(
            f"run {self._run} was taken over by {_who(now)}, because this process had shown no"
            " sign of life",
            host=now.holder_host,
            pid=now.holder_pid,
            remedy=f"Nothing is lost. See: aiobadges award show {self._run}",
        )


@asynccontextmanager
async def holding(
    writer: Writer, run: str, clock: Clock, *, new: RunRecord | None = None
) -> AsyncIterator[Hold]:
    """Work on a run as its only holder.

    Args:
        writer: of the ledger.
        run: its id.
        clock: where time comes from.
        new: the run, when it is not in the ledger yet: nobody ever sees it there without a holder.

    Raises:
        RunInUseError: another process lives and works on it.
    """
    holder = uuid.uuid4().hex
    host, pid = socket.gethostname(), os.getpid()
    if new is not None:
        record = attrs.evolve(new, holder=holder, holder_host=host, holder_pid=pid)
        await writer.do(lambda c: add_run(c, record))
    else:
        record = await writer.do(lambda c: find_run(c, run))
        if is_held(record):
            await _watch(writer, record, clock)
        if not await writer.do(lambda c: take_hold(c, record, holder=holder, host=host, pid=pid)):
            raise _in_use(await writer.do(lambda c: find_run(c, run)))
    hold = Hold(writer, run, holder)
    beating = asyncio.create_task(_beat_on(hold, record.pacing.lease, clock), name="aiobadges-hold")
    try:
        yield hold
    finally:
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await beating
        with contextlib.suppress(Exception):  # the ledger may be what failed
            await writer.do(lambda c: release_hold(c, run, holder))


async def _beat_on(hold: Hold, lease: float, clock: Clock) -> None:
    while not hold.is_lost:
        await clock.sleep(lease / _BEATS_A_LEASE)
        await hold.beat()


async def _watch(writer: Writer, record: RunRecord, clock: Clock) -> None:
    """Wait a lease long for a sign of life."""
    ends = clock.monotonic() + record.pacing.lease
    while clock.monotonic() < ends:
        await clock.sleep(record.pacing.lease / _BEATS_A_LEASE)
        now = await writer.do(lambda c: find_run(c, record.id))
        if (now.holder, now.holder_beat) != (record.holder, record.holder_beat):
            if not now.holder:
                raise RunInUseError(f"run {record.id} has just been let go", remedy="Try again")
            raise _in_use(now)


def _in_use(record: RunRecord) -> RunInUseError:
    return RunInUseError(
        f"another process works on run {record.id}: {_who(record)}",
        host=record.holder_host,
        pid=record.holder_pid,
        remedy="Let it finish, or end it and try again",
    )


def _who(record: RunRecord) -> str:
    if not record.holder:
        return "another process"
    return f"process {record.holder_pid} on {record.holder_host}"


def is_held(record: RunRecord) -> bool:
    """Say whether somebody may be working on a run."""
    return bool(record.holder) and not _has_certainly_died(record)


def _has_certainly_died(record: RunRecord) -> bool:
    if record.holder_host != socket.gethostname() or sys.platform == "win32":
        return False
    try:
        os.kill(record.holder_pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
