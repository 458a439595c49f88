"""What becomes of a run when its clock is set, and of a rate that two processes share.

The numbers are those of the fault matrix, see test_fault_matrix.py.
"""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from aiobadges import ParchmentClient
from aiobadges.awards.lease import Pacing
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.run import AwardRun
from aiobadges.awards.shared_pace import SharedPace
from aiobadges.awards.states import State
from aiobadges.transport.clock import Clock

RATE = 20
EACH = 30
"""Requests of each process."""
AT_ONCE = 2
"""Requests that a process has under way: each holds its slot from its moment to its answer, so
however late a busy machine lets them through, so many can come at once beside the rate."""


def most_beyond(times, rate):
    """Give the most requests that any window held beyond what the rate allows in it."""
    times = sorted(times)
    return max(
        last - first + 1 - rate * (times[last] - times[first])
        for first, last in itertools.combinations(range(len(times)), 2)
    )


CALLS_AT_A_PACE = """
import asyncio, sys
from aiobadges import ParchmentClient
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.shared_pace import SharedPace

file, url = sys.argv[1:3]
rate, each, at_once = map(int, sys.argv[3:])

async def main():
    async with Ledger.open(file) as ledger:
        pace = SharedPace(ledger, rate=rate)
        async with ParchmentClient(
            base_url=url, token="CANARY-TOKEN", concurrency=at_once, pace=pace
        ) as client:
            await client.session.open()
            print("ready", flush=True)
            await asyncio.to_thread(sys.stdin.readline)
            await asyncio.gather(*(client.users.get_self() for _ in range(each)))
            print("done", flush=True)

asyncio.run(main())
"""


async def test_35_two_processes_of_one_ledger_keep_one_rate_in_every_window(server, tmp_path):
    programs = [
        subprocess.Popen(  # noqa: ASYNC220 - the test waits for it in threads
            [sys.executable, "-c", CALLS_AT_A_PACE, str(tmp_path / "ledger.sqlite3"), server.url,
             str(RATE), str(EACH), str(AT_ONCE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    try:
        for program in programs:
            assert await asyncio.to_thread(program.stdout.readline) == "ready\n"
        told = await asyncio.gather(
            *(asyncio.to_thread(one.communicate, "go\n", timeout=60) for one in programs)
        )
    finally:
        for program in programs:
            program.kill()
            program.wait()
    assert [text for text, _ in told] == ["done\n"] * 2
    assert len(server.times) == 2 * EACH
    assert most_beyond(server.times, RATE) <= 1 + 2 * AT_ONCE


async def test_35b_one_client_keeps_its_rate_in_every_window(server):
    async with ParchmentClient(
        base_url=server.url, token="CANARY-TOKEN", concurrency=AT_ONCE, rate=float(RATE)
    ) as client:
        await asyncio.gather(*(client.users.get_self() for _ in range(EACH)))
    assert len(server.times) == EACH
    assert most_beyond(server.times, RATE) <= 1 + AT_ONCE


class SetClock(Clock):
    """The clocks of a machine whose wall clock somebody sets."""

    def __init__(self, hours=0.0):
        self.hours = hours

    def now(self):
        return super().now() + timedelta(hours=self.hours)


@pytest.fixture
def clock():
    return SetClock()


@pytest.fixture
async def ledger(tmp_path, clock):
    async with Ledger.open(tmp_path / "ledger.sqlite3", clock=clock) as ledger:
        yield ledger


@pytest.fixture
async def client(server, clock):
    async with ParchmentClient(
        base_url=server.url, token="CANARY-TOKEN", attempts=2, clock=clock
    ) as client:
        yield client


JUMPS = pytest.mark.parametrize("hours", [1.0, -1.0], ids=["an hour on", "an hour back"])


@JUMPS
async def test_36_a_clock_that_is_set_in_the_middle_of_a_run_sends_nothing_early_and_stops_nothing(
    hours, clock, server, client, planned, applied
):
    run = await planned(60)
    server.award_seconds = 0.02
    server.script = ["", "drop before", "drop after", "status 500", "", "late 0.2"] * 10
    task = asyncio.create_task(applied(run, workers=8))
    async with asyncio.timeout(10):
        while len(server.posts) < 25:
            await asyncio.sleep(0.002)
    clock.hours = hours
    assert [one.status for one in await task] == [State.AWARDED] * 60
    assert not server.doubled()
    sent = {}
    for person, moment in zip(server.posts, server.post_times, strict=True):
        sent.setdefault(person, []).append(moment)
    again = [later - first for first, later, *_ in (m for m in sent.values() if len(m) > 1)]
    assert again  # what was not done was sent again, and not before the settling time
    assert min(again) >= run.record.pacing.settle
    audit = await run.audit(client)
    assert (audit.awarded, audit.is_clean) == (60, True)


@JUMPS
async def test_36b_what_a_dead_process_was_sending_waits_in_full_on_a_clock_that_is_wrong(
    hours, tmp_path, server, client, ledger, planned, applied
):
    pacing = Pacing(lease=0.4, settle=0.4, timeout=0.4, patience=5.0)
    run = await planned(3, pacing=pacing)
    for _ in range(3):
        await ledger.claim(run.id)  # and dies
    async with Ledger.open(tmp_path / "ledger.sqlite3", clock=SetClock(hours)) as other:
        began = asyncio.get_running_loop().time()
        outcomes = await applied(await AwardRun.open(other, run.id), of=client)
    assert [one.status for one in outcomes] == [State.AWARDED] * 3
    assert min(server.post_times) - began >= pacing.lease + pacing.timeout + pacing.settle
    assert len(server.posts) == 3


@JUMPS
async def test_36c_a_pause_for_all_processes_is_as_long_as_asked_when_the_clock_is_set(
    hours, tmp_path, ledger, clock
):
    async with Ledger.open(tmp_path / "ledger.sqlite3", clock=SetClock(hours)) as other:
        began = time.monotonic()
        SharedPace(ledger, rate=1000).pause(0.6)
        await asyncio.sleep(0.1)
        clock.hours = hours
        async with asyncio.timeout(10):
            await asyncio.gather(*(SharedPace(one, rate=1000).wait() for one in (ledger, other)))
        assert 0.6 <= time.monotonic() - began < 5


@JUMPS
async def test_36d_a_pace_for_all_processes_goes_on_when_the_clock_is_set(hours, ledger, clock):
    pace = SharedPace(ledger, rate=50)
    began = time.monotonic()
    async with asyncio.timeout(10):
        for number in range(30):
            await pace.wait()
            if number == 10:
                clock.hours = hours
    assert time.monotonic() - began >= 29 / 50
