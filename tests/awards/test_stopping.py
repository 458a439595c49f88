"""Stopping a run that waits: for a pause that the platform asked for, or for who takes outcomes."""

from __future__ import annotations

import asyncio
import contextlib

from aiobadges.awards import run as run_module
from aiobadges.awards.badges import find_badges
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.run import AwardRun
from aiobadges.awards.states import State


async def test_a_stop_is_heeded_when_a_listing_waits_for_a_long_pause(
    planned, applied, ledger, server
):
    run = await planned(1)
    server.script = ["drop before"]
    server.list_script = ["429+60"] * 5
    applying = asyncio.create_task(applied(run, seconds=30))
    async with asyncio.timeout(10):
        while server.list_script == ["429+60"] * 5:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    run.request_stop()

    await asyncio.wait_for(applying, 3)
    assert await ledger.counts(run.id) == {State.UNKNOWN: 1}


async def test_a_stop_ends_when_nobody_takes_outcomes_any_more(
    planned, client, ledger, monkeypatch
):
    monkeypatch.setattr(run_module, "_WAITING_OUTCOMES", 2)
    run = await planned(10)
    async with asyncio.timeout(10), contextlib.aclosing(run.apply(client)) as outcomes:
        async for _ in outcomes:
            await asyncio.sleep(0.5)  # what is told meanwhile fills the queue
            await run.stop(grace=0.2)
            break

    assert State.SENDING not in await ledger.counts(run.id)


async def test_outcomes_end_when_a_run_is_stopped_by_who_takes_them(planned, client, monkeypatch):
    monkeypatch.setattr(run_module, "_WAITING_OUTCOMES", 2)
    run = await planned(10)
    told = 0
    async with asyncio.timeout(10), contextlib.aclosing(run.apply(client)) as outcomes:
        async for _ in outcomes:
            told += 1
            if told == 1:
                await asyncio.sleep(0.5)
                await run.stop(grace=0.2)

    assert 1 <= told <= 10


async def test_the_ledger_closes_when_nobody_takes_outcomes_any_more(
    planned, client, tmp_path, monkeypatch
):
    monkeypatch.setattr(run_module, "_WAITING_OUTCOMES", 2)
    monkeypatch.setattr("aiobadges.awards.ledger.ledger._CLOSING_SECONDS", 0.2)
    run = await planned(10)
    async with asyncio.timeout(10):
        async with Ledger.open(tmp_path / "ledger.sqlite3") as ledger:
            left = (await AwardRun.open(ledger, run.id)).apply(client)
            await anext(left)
            await asyncio.sleep(0.5)
        with contextlib.suppress(Exception):
            await left.aclose()


async def test_an_undo_stops_when_a_revocation_waits_for_a_long_pause(
    sandbox, sandbox_client, awarding, people, ledger
):
    badges = {"": (await find_badges(sandbox_client, ["Math Expert"]))["Math Expert"]}
    awarded = await awarding(sandbox_client, badges).award(people(2))
    sandbox.faults.next("assertions.revoke_many", "rate_limited", retry_after=60)

    async def undo():
        async for _ in awarded.run.undo(sandbox_client, reason="a mistake"):
            pass

    undoing = asyncio.create_task(undo())
    async with asyncio.timeout(10):
        while not sandbox.counters.of("assertions.revoke_many"):
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    awarded.run.request_stop()

    await asyncio.wait_for(undoing, 3)
    assert await ledger.counts(awarded.run.id) == {State.REVOKING: 2}
