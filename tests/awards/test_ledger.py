"""What any ledger must do, whatever database it is kept in; and what SQLite must do besides."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import pytest
import sqlalchemy as sa

from aiobadges.awards.ledger import schema
from aiobadges.awards.ledger.effects import Effect
from aiobadges.awards.ledger.engine import ledger_url, open_engine
from aiobadges.awards.ledger.errors import (
    LedgerError,
    LedgerPlaceError,
    NoSuchRunError,
    RunInUseError,
)
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.ledger.network_files import type_in_mounts
from aiobadges.awards.ledger.runs import RunRecord
from aiobadges.awards.run import AwardRun
from aiobadges.awards.states import (
    AnswerLost,
    Awarded,
    ImpossibleEventError,
    NotDone,
    Revoked,
    Standing,
    State,
)

RUN = RunRecord(id="RUN1", origin="sandbox", account="me")


def effect(number, **values):
    values.setdefault("key", f"{number:064d}")
    return Effect(run="RUN1", number=number, badge="b", recipient=f"p{number}@x.org", **values)


@pytest.fixture
async def filled(ledger):
    await ledger.add_run(RUN)
    await ledger.add([effect(n) for n in range(2, 52)])
    return ledger


async def test_each_planned_row_is_given_to_one_caller_only(filled):
    claimed = await asyncio.gather(*(filled.claim("RUN1") for _ in range(70)))
    ids = [one.id for one in claimed if one is not None]
    assert len(ids) == len(set(ids)) == 50
    assert await filled.counts("RUN1") == {State.SENDING: 50}


async def test_a_claim_counts_an_attempt_and_is_there_for_the_next_process(filled, tmp_path):
    claimed = await filled.claim("RUN1")
    assert claimed.standing == Standing(state=State.SENDING, attempt=1)
    async with Ledger.open(tmp_path / "ledger.sqlite3") as other:
        assert await other.reread(claimed) == claimed


async def test_a_change_is_made_to_the_moment_it_was_worked_out_for_or_not_at_all(filled):
    claimed = await filled.claim("RUN1")
    assert await filled.change(claimed, NotDone()) is not None
    assert await filled.change(claimed, Awarded(assertion_id="late")) is None
    assert (await filled.reread(claimed)).state is State.PLANNED


async def test_in_a_group_only_the_late_change_is_left_out(filled):
    claimed = [await filled.claim("RUN1") for _ in range(3)]
    await filled.change(claimed[1], NotDone())
    made = await asyncio.gather(
        *(filled.change(one, Awarded(assertion_id=str(one.id))) for one in claimed)
    )
    assert [one is not None for one in made] == [True, False, True]


async def test_every_change_is_kept_with_its_time_and_request(filled):
    claimed = await filled.claim("RUN1")
    await filled.change(claimed, NotDone(error_code="RateLimited", request_id="r-1"))
    (happened,) = await filled.history(claimed)
    assert (happened.event, happened.state, happened.attempt) == ("NotDone", "planned", 1)
    assert happened.request_id == "r-1"
    assert happened.at.endswith("Z")


async def test_a_key_is_there_once_until_its_effect_ends_without_an_award(filled):
    again = effect(99, key=f"{2:064d}")
    assert await filled.add([again]) == [again]
    (first, *_) = await filled.page("RUN1", most=1)
    assert (await filled.find(again.key)).id == first.id


async def test_runs_are_listed_and_the_unfinished_ones_alone(filled):
    await filled.add_run(RunRecord(id="RUN2", origin="sandbox", created_at="2026"))
    assert [run.id for run in await filled.runs()] == ["RUN2", "RUN1"]
    assert [run.id for run in await filled.runs(unfinished=True)] == ["RUN1"]
    with pytest.raises(NoSuchRunError):
        await filled.run("NONE")


async def test_rows_are_read_in_pages(filled):
    assert [one.number async for one in filled.effects("RUN1")] == list(range(2, 52))
    assert [one.number for one in await filled.page("RUN1", after_id=10, most=2)] == [12, 13]


async def test_a_run_is_held_by_one_at_a_time_and_who_is_named(filled):
    record = await filled.run("RUN1")
    assert record.pacing.lease == 10
    await filled.update_run("RUN1", {"lease": 0.4})
    async with filled.hold("RUN1"):
        with pytest.raises(RunInUseError) as refused:
            async with filled.hold("RUN1"):
                pass
        assert refused.value.pid == os.getpid()
        assert refused.value.host in str(refused.value)
    async with filled.hold("RUN1") as hold:
        assert not hold.is_lost


async def test_a_holder_that_shows_no_life_for_a_lease_is_succeeded(filled):
    silent = {"lease": 0.4, "holder": "x", "holder_host": "another", "holder_pid": 1}
    await filled.update_run("RUN1", silent)
    async with filled.hold("RUN1") as hold:
        await filled.update_run("RUN1", {"holder": "a third"})
        await hold.beat()
        assert hold.is_lost


async def test_who_has_lost_a_run_is_given_none_of_its_rows(filled):
    async with filled.hold("RUN1") as hold:
        _, mine = await filled.write((), claim=("RUN1", 2), holder=hold.holder)
        await filled.update_run("RUN1", {"holder": "another"})
        _, none = await filled.write((), claim=("RUN1", 2), holder=hold.holder)
    assert (len(mine), none) == (2, [])


async def test_what_one_asks_for_does_not_spoil_the_others(filled):
    def wrong(_):
        raise ZeroDivisionError

    results = await asyncio.gather(
        filled.ask(wrong), filled.claim("RUN1"), filled.counts("RUN1"), return_exceptions=True
    )
    assert isinstance(results[0], ZeroDivisionError)
    assert results[1].state is State.SENDING


async def test_a_change_that_cannot_happen_does_not_spoil_the_others_of_its_kind(filled):
    first, second = [await filled.claim("RUN1") for _ in range(2)]
    results = await asyncio.gather(
        filled.change(first, Revoked()), filled.change(second, NotDone()), return_exceptions=True
    )
    assert isinstance(results[0], ImpossibleEventError)
    assert results[1].state is State.PLANNED


async def test_a_change_that_came_too_late_leaves_nothing_in_the_history(filled):
    claimed = await filled.claim("RUN1")
    both = await asyncio.gather(*(filled.change(claimed, AnswerLost()) for _ in range(2)))
    assert [one is None for one in both] == [False, True]
    assert [one.event for one in await filled.history(claimed)] == ["AnswerLost"]


# SQLite


async def test_the_file_is_its_owners_alone(ledger, tmp_path):
    await ledger.add_run(RUN)
    for file in tmp_path.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_nothing_acknowledged_is_lost_to_a_power_cut(ledger):
    def pragmas(connection):
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]  # fmt: skip

    assert await ledger.ask(pragmas) == ["wal", 2]


async def test_a_locked_file_is_an_error_that_says_nothing_was_sent(tmp_path):
    file = tmp_path / "l.sqlite3"
    async with Ledger.open(file, busy_seconds=0.1) as ledger:
        await ledger.add_run(RUN)
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match="locked"):
            await ledger.claim("RUN1")
        other.execute("ROLLBACK")
        other.close()
        assert await ledger.claim("RUN1") is None


async def test_a_full_disk_is_an_error_and_leaves_what_was_there(filled):
    pages = await filled.ask(lambda c: c.exec_driver_sql("PRAGMA page_count").scalar())
    await filled.ask(lambda c: c.exec_driver_sql(f"PRAGMA max_page_count={pages}").scalar())
    with pytest.raises(LedgerError, match="full"):
        await filled.add([effect(n, cells={"x": "y" * 1000}) for n in range(100, 400)])
    assert await filled.counts("RUN1") == {State.PLANNED: 50}


@pytest.mark.parametrize("place", ["mysql://x/y", "nonsense://", "sqlite+nothing://"])
def test_a_place_where_no_ledger_can_be_is_refused(place):
    with pytest.raises((LedgerPlaceError, LedgerError)):
        open_engine(ledger_url(place))


def test_a_file_that_is_no_database_is_an_error(tmp_path):
    file = tmp_path / "l"
    file.write_text("hello " * 500)
    with pytest.raises(LedgerError, match=r"cannot be opened.*--ledger or AIOBADGES_LEDGER"):
        open_engine(ledger_url(file))


def test_addresses_are_read(tmp_path):
    assert ledger_url("postgresql://h/d").drivername == "postgresql+psycopg"
    assert ledger_url(tmp_path / "x").database == str(tmp_path / "x")


async def test_no_address_is_logged_when_the_application_logs_every_statement(tmp_path, caplog):
    for name in ("sqlalchemy", "sqlalchemy.engine", "sqlalchemy.engine.Engine"):
        caplog.set_level("DEBUG", logger=name)
    async with Ledger.open(tmp_path / "ledger.sqlite3") as ledger:
        await ledger.add_run(RUN)
        await ledger.add([effect(2)])
        assert [one.recipient async for one in ledger.effects("RUN1")] == ["p2@x.org"]

    assert "x.org" not in caplog.text


def test_no_address_is_in_an_error_of_the_database(tmp_path):
    engine = open_engine(ledger_url(tmp_path / "ledger.sqlite3"))
    with pytest.raises(sa.exc.SQLAlchemyError) as caught, engine.begin() as connection:
        connection.execute(sa.text("SELECT :who FROM nowhere"), {"who": "ana@example.edu"})
    engine.dispose()

    assert "ana@" not in str(caught.value) + repr(caught.value)


def test_a_later_versions_ledger_is_refused(tmp_path):
    open_engine(ledger_url(tmp_path / "l"), version=schema.VERSION + 1).dispose()
    with pytest.raises(LedgerPlaceError, match="later version"):
        open_engine(ledger_url(tmp_path / "l"))


@pytest.fixture
def older(tmp_path, server):
    """A ledger as version 1 left it: three rows awarded, one under way, two not begun."""
    file = tmp_path / "older.sqlite3"
    text = (Path(__file__).parent / "ledgers" / "version-1.sql").read_text()
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.executescript(text)
        connection.execute("UPDATE run SET origin = ?", (server.url,))
        rows = connection.execute("SELECT call FROM effect WHERE attempt > 0 ORDER BY id")
        for (body,) in rows.fetchall():
            server.award(json.loads(body))
        connection.commit()
    return file


async def test_a_run_begun_by_an_older_version_is_finished(older, client, applied, server):
    async with Ledger.open(older) as ledger:
        (record,) = await ledger.runs()
        run = await AwardRun.open(ledger, record.id)
        await applied(run)
        assert await ledger.counts(run.id) == {State.AWARDED: 6}
        assert (await run.audit(client)).is_clean
        assert len(server.posts) == 2  # of the one under way nothing is sent again
        held = await ledger.page(run.id, most=1)
        assert await ledger.add([attrs.evolve(held[0], number=99)])  # its key is held


def test_an_older_ledger_is_copied_before_it_is_changed(older):
    open_engine(ledger_url(older)).dispose()
    copy = older.with_name("older.sqlite3.version-1")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT version FROM ledger").fetchall() == [(1,)]
        assert connection.execute("SELECT count(*) FROM effect").fetchall() == [(6,)]


def test_a_ledger_whose_upgrade_fails_is_as_it_was(older):
    def spoil(connection):
        connection.execute(sa.text("DROP TABLE pace"))
        raise LedgerError("no")

    with pytest.raises(LedgerError):
        open_engine(ledger_url(older), migrations={1: spoil})
    with contextlib.closing(sqlite3.connect(older)) as connection:
        assert connection.execute("SELECT version FROM ledger").fetchall() == [(1,)]
        assert connection.execute("SELECT count(*) FROM pace").fetchall() == [(0,)]


COPY = f"l.version-{schema.VERSION}"


def add_colour(connection):
    connection.execute(sa.text("ALTER TABLE pace ADD COLUMN colour TEXT"))


def upgraded(file):
    """Open a ledger with the next version of the library, whose tables have another column."""
    older = schema.VERSION
    open_engine(ledger_url(file), version=older + 1, migrations={older: add_colour}).dispose()


def paces(file):
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT name FROM pace ORDER BY name").fetchall()


def test_what_only_the_log_holds_is_in_the_copy_of_an_older_ledger(tmp_path):
    file = tmp_path / "l"
    open_engine(ledger_url(file)).dispose()
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as alive:
        alive.execute("INSERT INTO pace VALUES ('x', 1, 2)")  # stays in the log while it is open
        assert (tmp_path / "l-wal").stat().st_size
        upgraded(file)
    assert paces(tmp_path / COPY) == [("x",)]
    assert not list(tmp_path.glob("*.part"))


def test_a_copy_is_made_anew_when_an_earlier_upgrade_broke_off_after_it(tmp_path):
    file = tmp_path / "l"
    engine = open_engine(ledger_url(file))
    (tmp_path / COPY).write_text("of last week")
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO pace VALUES ('x', 1, 2)"))
    engine.dispose()
    upgraded(file)
    assert paces(tmp_path / COPY) == [("x",)]


def test_an_older_ledger_is_copied_and_migrated_once_when_several_open_it_at_once(tmp_path):
    file = tmp_path / "l"
    open_engine(ledger_url(file)).dispose()
    with ThreadPoolExecutor(6) as pool:
        for opened in [pool.submit(upgraded, file) for _ in range(6)]:
            opened.result()
    assert "colour" not in columns(tmp_path / COPY)
    assert columns(file).count("colour") == 1


def columns(file):
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return [name for _, name, *_ in connection.execute("PRAGMA table_info(pace)")]


def test_nothing_is_changed_when_an_older_ledger_cannot_be_copied(tmp_path):
    file = tmp_path / "l"
    open_engine(ledger_url(file)).dispose()
    (tmp_path / f"{COPY}.part").mkdir()
    with pytest.raises(LedgerError, match="cannot be copied"):
        upgraded(file)
    assert "colour" not in columns(file)


OPENS = """
import sys, time
from aiobadges.awards.ledger.engine import ledger_url, open_engine
for number in range(15):
    sys.stdin.readline()
    open_engine(ledger_url(f"{sys.argv[1]}.{number}")).dispose()
    print("opened", flush=True)
"""


def test_a_new_ledger_is_opened_by_processes_that_come_at_the_same_moment(tmp_path):
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", OPENS, str(tmp_path / "l")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for _ in range(4)
    ]
    try:
        for _ in range(15):
            for program in programs:
                program.stdin.write("go\n")
                program.stdin.flush()
            assert [program.stdout.readline() for program in programs] == ["opened\n"] * 4
    finally:
        for program in programs:
            program.kill()
            program.communicate()


def test_a_ledger_that_is_locked_is_not_to_be_replaced_by_another(tmp_path):
    file = tmp_path / "l"
    open_engine(ledger_url(file)).dispose()
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match="locked") as refused:
            open_engine(ledger_url(file), busy_seconds=0.1)
    assert "AIOBADGES_LEDGER" not in str(refused.value)
    assert "Another process" in str(refused.value)


MOUNTS = """\
/dev/sda / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sdb /home/local ext4 rw 0 0
//s/My\\040Files /mnt/My\\040Files cifs rw 0 0
user@h: /mnt/ssh fuse.sshfs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var", "ext4"),
        ("/home/ana", "nfs4"),
        ("/homework", "ext4"),
        ("/home/local/x", "ext4"),
        ("/mnt/My Files/x", "cifs"),
        ("/mnt/ssh", "fuse.sshfs"),
    ],
)
def test_the_file_system_of_a_folder_is_that_of_its_nearest_mount(folder, kind):
    assert type_in_mounts(folder, MOUNTS) == kind


CLAIMS_ALL = """
import asyncio, json, sys
from aiobadges.awards.ledger.ledger import Ledger
async def main():
    async with Ledger.open(sys.argv[1]) as ledger:
        print("ready", flush=True)
        sys.stdin.readline()
        claimed = []
        while True:
            got = [one for one in await asyncio.gather(*(ledger.claim("RUN1") for _ in range(7))) if one]
            if not got:
                break
            claimed += [one.id for one in got]
            await asyncio.sleep(0.02)  # SQLite's lock is not fair: leave the other a turn
        print(json.dumps(claimed), flush=True)
asyncio.run(main())
"""


async def test_two_processes_on_one_file_claim_each_row_once(ledger, tmp_path):
    await ledger.add_run(RUN)
    await ledger.add([effect(n) for n in range(2, 602)])
    programs = [
        subprocess.Popen(  # noqa: ASYNC220 - the test waits for it in threads
            [sys.executable, "-c", CLAIMS_ALL, str(tmp_path / "ledger.sqlite3")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    try:
        for program in programs:
            assert await asyncio.to_thread(program.stdout.readline) == "ready\n"
        for program in programs:
            program.stdin.write("go\n")
            program.stdin.flush()
        told = await asyncio.gather(
            *(asyncio.to_thread(program.communicate, timeout=60) for program in programs)
        )
    finally:
        for program in programs:
            program.kill()
            program.wait()
    first, second = (json.loads(text) for text, _ in told)
    assert first
    assert second
    assert sorted(first + second) == [one.id async for one in ledger.effects("RUN1")]
