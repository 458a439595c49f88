"""One pace for all processes that share a ledger.

::

    async with Ledger.open() as ledger:
        client = ParchmentClient.from_env(pace=SharedPace(ledger))

Each request reserves the next free moment in the ledger, in one commit with all that ask at the
same time; a pause that the server asks one process for holds for all. Moments are read off a clock
that all of them share and that nobody sets: the processes of a SQLite ledger share a machine, so it
is the time since that was started; those of a PostgreSQL ledger share the database's clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import attrs
import sqlalchemy as sa

from aiobadges.awards.ledger.engine import insert_or_leave
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.ledger.schema import pace
from aiobadges.transport.clock import Clock
from aiobadges.wire.retry import LONGEST_PAUSE

__all__ = ["SharedPace"]

_LONGEST_SLEEP = 0.5
"""Seconds. A pause that another process was asked for is heard of this soon."""


@attrs.frozen
class _Reservation:
    name: str
    seconds: float
    clock: Clock


def _moment(connection: sa.Connection, clock: Clock) -> float:
    """Give the seconds on the clock that the processes of this ledger share."""
    if connection.dialect.name == "sqlite":
        return clock.boot()
    asked = sa.select(sa.extract("epoch", sa.func.clock_timestamp()))
    return float(connection.execute(asked).scalar_one())


def _row(connection: sa.Connection, name: str) -> tuple[float, float]:
    wanted = (
        sa.select(pace.c.next_at, pace.c.paused_until).where(pace.c.name == name).with_for_update()
    )
    found = connection.execute(wanted).one_or_none()
    if found is None:
        first = {"name": name, "next_at": 0.0, "paused_until": 0.0}
        connection.execute(insert_or_leave(connection, pace), [first])
        found = connection.execute(wanted).one()  # another process may have been faster
    return found.next_at, found.paused_until


def _pause_left(paused_until: float, now: float) -> float:
    """Give the seconds that a pause still lasts."""
    left = paused_until - now
    # Nobody pauses for longer: it is of before the machine was started anew.
    return left if 0 < left <= LONGEST_PAUSE else 0.0


def _reserve(connection: sa.Connection, asked: Sequence[_Reservation]) -> list[float]:
    """Give each the seconds to wait."""
    waits = []
    for one in asked:
        next_at, paused_until = _row(connection, one.name)
        now = _moment(connection, one.clock)
        # A machine that was started anew counts from zero: that must not stop everybody.
        if next_at - now > max(60.0, 100 * one.seconds):
            next_at = now
        at = max(now + _pause_left(paused_until, now), next_at)
        connection.execute(
            pace.update().where(pace.c.name == one.name).values(next_at=at + one.seconds)
        )
        waits.append(at - now)
    return waits


def _pause(connection: sa.Connection, name: str, seconds: float, clock: Clock) -> None:
    """Write a pause down; a shorter one never ends a longer one."""
    _, paused_until = _row(connection, name)
    now = _moment(connection, clock)
    until = now + max(seconds, _pause_left(paused_until, now))
    connection.execute(pace.update().where(pace.c.name == name).values(paused_until=until))


class SharedPace:
    """When the next request may go, for all processes of a ledger.

    Args:
        ledger: what they share.
        name: clients of one name share one pace.
        rate: requests a second; None for the rate of the client it is given to.
    """

    def __init__(self, ledger: Ledger, *, name: str = "", rate: float | None = None) -> None:
        self.rate = rate
        self._ledger = ledger
        self._name = name
        self._clock = ledger.clock

    def pause(self, seconds: float) -> None:
        """Let nothing through for so long, in any process."""
        writing = self._ledger.ask(lambda c: _pause(c, self._name, seconds, self._clock))
        self._ledger.start(asyncio.create_task(writing, name="aiobadges-pause"))

    async def wait(self, cost: int = 1) -> None:
        """Wait for the next free moment."""
        seconds = cost / self.rate if self.rate else 0.0
        reservation = _Reservation(self._name, seconds, self._clock)
        left = await self._ledger.writer.ask(_reserve, reservation)
        ends = self._clock.monotonic() + left
        while (left := ends - self._clock.monotonic()) > 0:
            await self._clock.sleep(min(left, _LONGEST_SLEEP))
            if left > _LONGEST_SLEEP or seconds == 0:
                ends = max(ends, self._clock.monotonic() + await self._ledger.ask(self._paused_for))

    def _paused_for(self, connection: sa.Connection) -> float:
        _, paused_until = _row(connection, self._name)
        return _pause_left(paused_until, _moment(connection, self._clock))
