"""A run whose hold another process has taken: its rows are no longer this one's to wait for."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import pytest

from aiobadges.awards.ledger.errors import RunInUseError
from aiobadges.awards.states import State


async def test_a_run_ends_when_its_hold_is_lost_and_no_row_is_left_to_begin(
    planned, applied, ledger, server
):
    run = await planned(5)
    server.script = ["hang after"] * 5
    applying = asyncio.create_task(applied(run))
    async with asyncio.timeout(10):
        while not (await ledger.counts(run.id)).get(State.UNKNOWN):
            await asyncio.sleep(0.01)
    await ledger.update_run(run.id, {"holder": "another", "holder_beat": 1_000_000})
    with pytest.raises(RunInUseError, match="taken over"):
        await asyncio.wait_for(applying, 5)
    assert (await ledger.run(run.id)).holder == "another"


async def test_what_was_not_listed_is_not_sent_by_who_has_lost_the_run_meanwhile(
    planned, applied, ledger, server
):
    run = await planned(1)
    server.script = ["drop before"]  # nothing was done: the listings show nothing
    listings = []

    def take_over(point):
        if point != "after_listing":
            return
        listings.append(point)
        if len(listings) == 2:  # after this one it would be sent again, before the next beat
            with closing(sqlite3.connect(ledger.place, isolation_level=None)) as another:
                another.execute("UPDATE run SET holder = 'another', holder_beat = 1000000")

    with pytest.raises(RunInUseError, match="taken over"):
        await applied(run, reach=take_over)
    assert len(listings) == 2
    assert len(server.posts) == 1
