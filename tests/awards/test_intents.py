"""Intents that are written ahead of their permits: what becomes of them when those come late."""

from __future__ import annotations

import asyncio

from aiobadges import ParchmentClient
from aiobadges.awards.lease import Pacing
from aiobadges.awards.states import NotDone, State


async def test_rows_are_awarded_when_the_rate_allows_less_than_one_in_a_lease(
    planned, applied, server
):
    run = await planned(3, pacing=Pacing(lease=0.1, settle=0.4, timeout=0.5, patience=5.0))
    async with ParchmentClient(base_url=server.url, token="t", rate=3) as slow:
        outcomes = await applied(run, of=slow, seconds=10)

    assert [one.status for one in outcomes] == [State.AWARDED] * 3
    assert not server.doubled()


async def test_a_row_is_awarded_when_another_process_gives_it_back_at_the_end(
    planned, applied, ledger
):
    run = await planned(2)
    theirs = await ledger.claim(run.id)  # by a process that has lost its hold, and still lives
    applying = asyncio.create_task(applied(run, seconds=10))
    async with asyncio.timeout(5):
        while not (await ledger.counts(run.id)).get(State.AWARDED):
            await asyncio.sleep(0.01)
    await ledger.change(theirs, NotDone())

    assert [one.status for one in await applying] == [State.AWARDED] * 2
