"""Real processes: killed at every crash point, stopped and woken, and two at one run."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from aiobadges.awards.ledger_errors import RunInUseError
from aiobadges.awards.run import AwardRun
from aiobadges.awards.runner import CRASH_POINTS
from aiobadges.awards.states import State

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

APPLIES = """
import asyncio, os, signal, sys
from aiobadges import ParchmentClient
from aiobadges.awards.ledger import Ledger
from aiobadges.awards.ledger_errors import RunInUseError
from aiobadges.awards.run import AwardRun

file, url, name, point, times = sys.argv[1:6]

def reach(where):
    global times
    if where == point:
        times = int(times) - 1
        if times <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

async def main():
    async with Ledger.open(file) as ledger, ParchmentClient(base_url=url, token="CANARY-TOKEN") as client:
        run = await AwardRun.open(ledger, name)
        print("ready", flush=True)
        async for outcome in run.apply(client, reach=reach):
            print(outcome.number, outcome.status, flush=True)
        print("done", flush=True)

try:
    asyncio.run(main())
except RunInUseError as error:
    print("refused", error, flush=True)
"""


class Program:
    def __init__(self, file: Path, url: str, run: str, point: str = "", times: int = 1):
        self.process = subprocess.Popen(
            [sys.executable, "-c", APPLIES, str(file), url, run, point, str(times)],
            stdout=subprocess.PIPE,
            text=True,
        )

    async def line(self):
        return (await asyncio.to_thread(self.process.stdout.readline)).strip()

    async def end(self, seconds=30):
        text, _ = await asyncio.to_thread(self.process.communicate, timeout=seconds)
        return text.splitlines()

    def send(self, number):
        os.kill(self.process.pid, number)


def is_locked(file):
    connection = sqlite3.connect(file, timeout=0.2, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return True
    finally:
        connection.close()
    return False


@pytest.fixture
def start(tmp_path, server):
    programs = []

    def start(run, *rest):
        programs.append(Program(tmp_path / "ledger.sqlite3", server.url, run.id, *rest))
        return programs[-1]

    yield start
    for program in programs:
        program.process.kill()
        program.process.communicate()


@pytest.mark.parametrize("point", CRASH_POINTS)
async def test_a_process_killed_at_a_crash_point_is_gone_on_with(
    point, start, planned, applied, ledger, server, client
):
    run = await planned(40)
    if point == "after_listing":
        server.script = ["drop after", "drop before"] * 4
    program = start(run, point, 3)
    await program.end()
    assert program.process.returncode == -signal.SIGKILL
    counts = await ledger.counts(run.id)
    assert counts.get(State.AWARDED, 0) < 40
    again = await AwardRun.open(ledger, run.id)
    await applied(again)
    assert await ledger.counts(run.id) == {State.AWARDED: 40}
    assert not server.doubled()
    assert len(server.assertions) == 40
    assert (await again.audit(client)).is_clean


async def test_a_process_killed_while_requests_are_under_way_is_gone_on_with(
    start, planned, applied, ledger, server
):
    run = await planned(20)
    server.script = ["hang after", "hang before"] * 10
    program = start(run)
    assert await program.line() == "ready"
    async with asyncio.timeout(10):
        while len(server.posts) < 15:  # after the send, before the answer
            await asyncio.sleep(0.01)
    program.send(signal.SIGKILL)
    await program.end()
    server.script = []
    await applied(await AwardRun.open(ledger, run.id))
    assert await ledger.counts(run.id) == {State.AWARDED: 20}
    assert not server.doubled()


async def test_many_kills_in_one_run_double_nobody(start, planned, applied, ledger, server, client):
    run = await planned(150)
    server.script = ["", "drop after", "", "status 500 done", "", "", "drop before"] * 12
    for times in (5, 9, 14):
        program = start(run, "after_response", times)
        await program.end()
        assert program.process.returncode == -signal.SIGKILL
    again = await AwardRun.open(ledger, run.id)
    await applied(again, seconds=40)
    assert await ledger.counts(run.id) == {State.AWARDED: 150}
    assert not server.doubled()
    assert (await again.audit(client)).is_clean


async def test_a_run_that_is_alive_is_refused_with_who_and_where(
    start, planned, applied, ledger, server
):
    run = await planned(3)
    server.script = ["hang after"] * 3
    program = start(run)
    assert await program.line() == "ready"
    async with asyncio.timeout(10):
        while not server.posts:
            await asyncio.sleep(0.01)
    with pytest.raises(RunInUseError, match=str(program.process.pid)) as refused:
        await applied(await AwardRun.open(ledger, run.id))
    assert refused.value.pid == program.process.pid
    lines = await program.end()
    assert lines[-1] == "done"
    assert not server.doubled()


@pytest.mark.xfail(
    strict=False,
    reason="known: a process stopped in mid-commit holds SQLite's lock, so that others are refused",
)
async def test_a_process_that_sleeps_past_its_lease_is_succeeded_and_wakes_to_send_nothing(
    start, planned, applied, ledger, server, tmp_path
):
    run = await planned(60)
    server.script = ["hang after", "hang before", "drop before"] * 7
    program = start(run)
    assert await program.line() == "ready"
    async with asyncio.timeout(10):
        while len(server.posts) < 10:
            await asyncio.sleep(0.005)
        program.send(signal.SIGSTOP)
        while is_locked(tmp_path / "ledger.sqlite3"):
            # It was stopped in the middle of a commit: for the others the ledger is locked then.
            program.send(signal.SIGCONT)
            await asyncio.sleep(0.005)
            program.send(signal.SIGSTOP)
    try:
        again = await AwardRun.open(ledger, run.id)
        await applied(again, seconds=40)
        assert await ledger.counts(run.id) == {State.AWARDED: 60}
        posts = len(server.posts)
    finally:
        program.send(signal.SIGCONT)
    await program.end()
    assert len(server.posts) == posts
    assert await ledger.counts(run.id) == {State.AWARDED: 60}
    assert not server.doubled()
