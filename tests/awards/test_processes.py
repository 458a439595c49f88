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

from aiobadges.awards.ledger.errors import LedgerError, RunInUseError
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.run import AwardRun
from aiobadges.awards.runner import CRASH_POINTS
from aiobadges.awards.states import State

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

APPLIES = """
import asyncio, os, signal, sys, threading
from sqlalchemy import Engine, event
from sqlalchemy.pool import Pool
from aiobadges import ParchmentClient
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.ledger.errors import LedgerError, RunInUseError
from aiobadges.awards.run import AwardRun

file, url, name, point, times, way = sys.argv[1:7]
in_transaction, to_be_stopped = threading.Lock(), threading.Event()

def stop():
    # This thread, and so all: after os.kill it would go on until another one has noticed.
    signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)

def reach(where):
    global times
    if where == point:
        times = int(times) - 1
        if times == 0 and way == "stopped":
            with in_transaction:  # nowhere in one: nobody is kept from the ledger
                stop()
        elif times == 0 and way == "stopped in mid-commit":
            to_be_stopped.set()
        elif times <= 0 and way == "killed":
            os.kill(os.getpid(), signal.SIGKILL)

@event.listens_for(Pool, "checkout")
def begins(*_):
    in_transaction.acquire()

@event.listens_for(Pool, "checkin")
def has_ended(*_):
    in_transaction.release()

@event.listens_for(Engine, "commit")
def commits(_):
    if to_be_stopped.is_set():
        to_be_stopped.clear()
        stop()

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
    """A process that applies a run; ``way`` is what befalls it at a crash point."""

    def __init__(
        self, file: Path, url: str, run: str, point: str = "", times: int = 1, way: str = "killed"
    ):
        self.process = subprocess.Popen(
            [sys.executable, "-c", APPLIES, str(file), url, run, point, str(times), way],
            stdout=subprocess.PIPE,
            text=True,
        )

    async def is_stopped(self):
        _, status = await asyncio.to_thread(os.waitpid, self.process.pid, os.WUNTRACED)
        return os.WIFSTOPPED(status)

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


async def test_a_process_that_sleeps_past_its_lease_is_succeeded_and_wakes_to_send_nothing(
    start, planned, applied, ledger, server, tmp_path
):
    run = await planned(60)
    server.script = ["hang after", "hang before", "drop before"] * 7
    program = start(run, "after_intent", 15, "stopped")
    assert await program.is_stopped()
    assert not is_locked(tmp_path / "ledger.sqlite3")
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


async def test_others_are_refused_while_a_process_stopped_in_mid_commit_holds_the_ledger(
    start, planned, applied, server, tmp_path
):
    file = tmp_path / "ledger.sqlite3"
    run = await planned(20)
    async with Ledger.open(file, busy_seconds=0.2) as opened_before:
        program = start(run, "after_intent", 5, "stopped in mid-commit")
        assert await program.is_stopped()
        assert is_locked(file)
        await asyncio.sleep(0.2)  # what it sent before has arrived
        posts = len(server.posts)
        with pytest.raises(LedgerError, match="locked"):
            await applied(await AwardRun.open(opened_before, run.id))
        with pytest.raises(LedgerError, match="locked") as refused:
            async with Ledger.open(file, busy_seconds=0.2):
                pass
    assert "Another process is at it, or was stopped at it" in str(refused.value)
    assert len(server.posts) == posts


async def test_each_person_is_awarded_once_when_a_process_stopped_in_mid_commit_wakes(
    start, planned, applied, ledger, server
):
    run = await planned(20)
    program = start(run, "after_intent", 5, "stopped in mid-commit")
    assert await program.is_stopped()
    await asyncio.sleep(1.5 * run.record.pacing.lease)
    program.send(signal.SIGCONT)
    await program.end()  # with the run, or paused: all it had begun is too late at once
    await applied(await AwardRun.open(ledger, run.id))
    assert await ledger.counts(run.id) == {State.AWARDED: 20}
    assert not server.doubled()


async def test_a_run_is_gone_on_with_when_its_process_was_stopped_in_mid_commit_and_killed(
    start, planned, applied, ledger, server, client
):
    run = await planned(20)
    program = start(run, "after_intent", 5, "stopped in mid-commit")
    assert await program.is_stopped()
    program.send(signal.SIGKILL)
    await program.end()
    again = await AwardRun.open(ledger, run.id)
    await applied(again)
    assert await ledger.counts(run.id) == {State.AWARDED: 20}
    assert not server.doubled()
    assert (await again.audit(client)).is_clean


LOCKS = """
import asyncio, signal, sys, threading
from aiobadges.awards.ledger.ledger import Ledger
def stop(_):
    signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
async def main():
    async with Ledger.open(sys.argv[1]) as ledger:
        print("ready", flush=True)
        sys.stdin.readline()
        await ledger.ask(stop)
asyncio.run(main())
"""


async def test_a_run_breaks_off_with_all_it_sent_recorded_when_another_process_stops_in_a_commit(
    planned, applied, ledger, server, tmp_path
):
    file = tmp_path / "ledger.sqlite3"
    run = await planned(60)
    other = subprocess.Popen(  # noqa: ASYNC220 - what is waited for is its being stopped
        [sys.executable, "-c", LOCKS, str(file)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert await asyncio.to_thread(other.stdout.readline) == "ready\n"
        intents = []

        def reach(where):
            intents.extend([where] if where == "after_intent" else [])
            if len(intents) == 10 and where == "after_intent":
                other.stdin.write("lock\n")
                other.stdin.flush()
                os.waitpid(other.pid, os.WUNTRACED)  # on the loop: nothing else moves meanwhile

        async with Ledger.open(file, busy_seconds=0.2) as impatient:
            with pytest.raises(LedgerError, match="locked"):
                await applied(await AwardRun.open(impatient, run.id), reach=reach)
    finally:
        other.kill()
        other.communicate()
    begun = {row.recipient for row in await ledger.page(run.id) if row.standing.attempt}
    assert server.posts
    assert set(server.posts) <= begun
    await applied(await AwardRun.open(ledger, run.id))
    assert await ledger.counts(run.id) == {State.AWARDED: 60}
    assert not server.doubled()
