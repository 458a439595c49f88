"""One pace for all processes that share a ledger.

::

    async with Ledger.open() as ledger:
        client = ParchmentClient.from_env(pace=SharedPace(ledger))

Each request reserves the next free moment in the ledger, in one commit with all that ask at the
same time; a pause that the server asks one process for holds for all. Moments are the wall clock's:
the processes of a SQLite ledger share a machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import attrs
import sqlalchemy as sa

from aiobadges.awards.ledger import Ledger
from aiobadges.awards.ledger_engine import insert_or_leave
from aiobadges.awards.ledger_schema import pace

__all__ = ["SharedPace"]

_LONGEST_SLEEP = 0.5
"""Seconds. A pause that another process was asked for is heard of this soon."""


@attrs.frozen
class _Reservation:
    name: str
    seconds: float
    now: float


def _row(connection: sa.Connection, name: str) -> tuple[float, float]:
    found = connection.execute(
        sa.select(pace.c.next_at, pace.c.paused_until).where(pace.c.name == name).with_for_update()
    ).one_or_none()
    if found is None:
        connection.execute(
            insert_or_leave(connection, pace), [{"name": name, "next_at": 0.0, "paused_until": 0.0}]
        )
        return 0.0, 0.0
    return found.next_at, found.paused_until


def _reserve(connection: sa.Connection, asked: Sequence[_Reservation]) -> list[float]:
    """Give each the seconds to wait."""
    waits = []
    for one in asked:
        next_at, paused_until = _row(connection, one.name)
        # A clock that was set back an hour must not stop everybody for an hour.
        if next_at - one.now > max(60.0, 100 * one.seconds):
            next_at = one.now
        at = max(one.now, next_at, paused_until)
        connection.execute(
            pace.update().where(pace.c.name == one.name).values(next_at=at + one.seconds)
        )
        waits.append(at - one.now)
    return waits


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

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def pause(self, seconds: float) -> None:
        """Let nothing through for so long, in any process."""
        until = self._now() + seconds

        def write(connection: sa.Connection) -> None:
            _row(connection, self._name)
            connection.execute(
                pace.update()
                .where(pace.c.name == self._name, pace.c.paused_until < until)
                .values(paused_until=until)
            )

        self._ledger.start(asyncio.create_task(self._ledger.ask(write), name="aiobadges-pause"))

    async def wait(self, cost: int = 1) -> None:
        """Wait for the next free moment."""
        seconds = cost / self.rate if self.rate else 0.0
        reservation = _Reservation(self._name, seconds, self._now())
        left = await self._ledger.writer.ask(_reserve, reservation)
        ends = self._clock.monotonic() + left
        while (left := ends - self._clock.monotonic()) > 0:
            await self._clock.sleep(min(left, _LONGEST_SLEEP))
            if left > _LONGEST_SLEEP or seconds == 0:
                paused = await self._ledger.ask(lambda c: _row(c, self._name)[1])
                ends = max(ends, self._clock.monotonic() + paused - self._now())
