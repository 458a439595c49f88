"""What becomes of a run when its ledger cannot be written: nothing is sent that is not in it.

The numbers are those of the fault matrix, see test_fault_matrix.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter

import pytest

from aiobadges.awards.ledger.errors import LedgerError
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.run import AwardRun
from aiobadges.awards.states import State

MANY = 300


@pytest.fixture
def under_way(server, planned, applied):
    """Begin a run, and give it and its task when some awards have been asked for."""

    async def under_way():
        server.award_seconds = 0.05  # much is left to do when there is trouble
        run = await planned(MANY)
        task = asyncio.create_task(applied(run, seconds=60))
        async with asyncio.timeout(20):
            while len(server.posts) < MANY // 5:
                await asyncio.sleep(0.002)
        return run, task

    return under_way


@pytest.fixture
def pragma(ledger):
    """Set something on the one connection that the ledger has."""

    async def pragma(text):
        await ledger.ask(lambda connection: connection.exec_driver_sql(f"PRAGMA {text}").all())

    return pragma


@pytest.fixture
def all_is_written(server, tmp_path):
    """Assert that nothing more is sent, and that nothing was whose intent is not on the disk."""

    async def all_is_written():
        posts = list(server.posts)
        await asyncio.sleep(0.3)
        assert server.posts == posts
        with sqlite3.connect(tmp_path / "ledger.sqlite3") as reader:
            begun = dict(reader.execute("SELECT recipient, attempt FROM effect"))
        reader.close()
        assert all(begun[person] >= times for person, times in Counter(posts).items())
        assert len(posts) < MANY

    return all_is_written


@pytest.fixture
def goes_on(server, tmp_path, applied):
    """Resume a run as a later process does, and assert that everybody has one award at the end."""

    async def goes_on(run):
        async with Ledger.open(tmp_path / "ledger.sqlite3") as ledger:
            await applied(await AwardRun.open(ledger, run.id), seconds=60)
            assert await ledger.counts(run.id) == {State.AWARDED: MANY}
        assert not server.doubled()
        assert len(server.assertions) == MANY

    return goes_on


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        pytest.param("max_page_count=1", "full", id="full"),
        pytest.param("query_only=ON", "readonly", id="read-only"),
    ],
)
async def test_31_a_run_stops_when_its_ledger_cannot_be_written_any_more(
    trouble, words, under_way, pragma, all_is_written, goes_on
):
    run, task = await under_way()
    with contextlib.suppress(LedgerError):  # of those that asked at the same time
        await pragma(trouble)
    with pytest.raises(LedgerError, match=words):
        await task
    await all_is_written()
    await goes_on(run)


LOCKS = """
import sqlite3, sys
print("ready", flush=True)
sys.stdin.readline()
connection = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
async def lock(tmp_path):
    """Have another process lock the ledger, one that waits for its turn; give what ends that."""
    program = subprocess.Popen(  # noqa: ASYNC220 - the test waits for it in threads
        [sys.executable, "-c", LOCKS, str(tmp_path / "ledger.sqlite3")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert await asyncio.to_thread(program.stdout.readline) == "ready\n"

    async def lock():
        program.stdin.write("\n")
        program.stdin.flush()
        assert await asyncio.to_thread(program.stdout.readline) == "locked\n"
        return lambda: asyncio.to_thread(program.communicate, "\n")

    yield lock
    program.kill()
    program.communicate()


async def test_31b_a_run_stops_when_another_process_keeps_its_ledger_locked(
    under_way, pragma, lock, all_is_written, goes_on
):
    run, task = await under_way()
    await pragma("busy_timeout=300")
    unlock = await lock()
    with pytest.raises(LedgerError, match="locked"):
        await task
    await all_is_written()
    await unlock()
    await goes_on(run)


async def test_31c_a_run_waits_when_another_process_locks_its_ledger_for_a_moment(
    server, under_way, lock, all_is_written
):
    _, task = await under_way()
    unlock = await lock()
    posts = -1
    while posts != (posts := len(server.posts)):  # what had its intent goes out
        await asyncio.sleep(0.3)
    await all_is_written()
    await unlock()
    assert [one.status for one in await task] == [State.AWARDED] * MANY
    assert not server.doubled()


APPLIES = """
import asyncio, sys
from aiobadges import ParchmentClient
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.ledger.errors import LedgerError
from aiobadges.awards.run import AwardRun

file, url, name = sys.argv[1:]

async def main():
    async with Ledger.open(file) as ledger, ParchmentClient(base_url=url, token="CANARY-TOKEN") as client:
        run = await AwardRun.open(ledger, name)
        async for outcome in run.apply(client):
            print(outcome.status)

try:
    asyncio.run(main())
except LedgerError as error:
    print(error)
"""


def obeying_modes():
    """Begin the command of a process to which the modes of files apply, whoever runs the test."""
    if sys.platform == "win32":
        pytest.skip("modes of POSIX")
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        pytest.skip("root may write everything, and there is no setpriv to change that")
    return ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]


async def test_31d_nothing_is_sent_when_the_ledger_is_a_file_that_may_only_be_read(
    tmp_path, server, planned
):
    run = await planned(5)
    folder = tmp_path / "read-only"
    folder.mkdir()
    with sqlite3.connect(tmp_path / "ledger.sqlite3") as ledger:
        ledger.execute("VACUUM INTO ?", (str(folder / "ledger.sqlite3"),))
    ledger.close()
    (folder / "ledger.sqlite3").chmod(0o444)
    folder.chmod(0o555)
    command = [*obeying_modes(), sys.executable, "-c", APPLIES]
    try:
        ended = await asyncio.to_thread(
            subprocess.run,
            [*command, str(folder / "ledger.sqlite3"), server.url, run.id],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
    finally:
        folder.chmod(0o755)
    assert "cannot be opened: Permission denied" in ended.stdout
    assert "AIOBADGES_LEDGER" in ended.stdout
    assert not server.posts


async def test_32_a_log_cut_by_a_power_failure_is_a_doubt_and_no_second_award(
    tmp_path, server, planned, applied
):
    run = await planned(10)
    server.script = ["", "", ""] + ["hang after"] * 7
    task = asyncio.create_task(applied(run))
    async with asyncio.timeout(5):
        while len(server.posts) < 10:
            await asyncio.sleep(0.01)
    image = tmp_path / "image.sqlite3"  # the disk, as the power cut left it
    for end in ("", "-wal"):
        shutil.copy(f"{tmp_path}/ledger.sqlite3{end}", f"{image}{end}")
    with image.with_name("image.sqlite3-wal").open("ab") as log:
        log.write(b"torn" * 100)
    await task
    server.script = []
    async with Ledger.open(image) as restored:
        again = await AwardRun.open(restored, run.id)
        await restored.update_run(run.id, {"holder": ""})
        await applied(again)
        assert await restored.counts(run.id) == {State.AWARDED: 10}
    assert not server.doubled()
    assert len(server.assertions) == 10
