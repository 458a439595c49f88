"""One award in a web request: in time, once, whoever asks, and brought to its end."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import subprocess
import sys

import pytest

from aiobadges import AwardRequest, ParchmentClient, Recipient
from aiobadges.awards.fingerprint import award_key
from aiobadges.awards.lease import Pacing
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.once import AlreadyHeld, Awarded, Pending, Rejected, award_once
from aiobadges.awards.run import AwardRun
from aiobadges.awards.states import ListedOursRevoked, PatienceEnded, State
from aiobadges.errors import InvalidCallError
from aiobadges.parchment.models import RevokeRequest
from aiobadges.sandbox import MATH_EXPERT
from aiobadges.transport.clock import Clock

ANA = Recipient.email("ana@example.edu")


async def ask(client, ledger, recipient=ANA, **options):
    return await award_once(client, ledger, badge=MATH_EXPERT, recipient=recipient, **options)


async def hurry(ledger):
    """Make the waits of the service's run short."""
    (run,) = [one for one in await ledger.runs() if one.is_service]
    await ledger.update_run(run.id, {"settle": 0.3, "lease": 0.5, "timeout": 0.5})


class Quick(Clock):
    """The real clock, but nobody waits for long."""

    async def sleep(self, seconds):
        await asyncio.sleep(min(seconds, 0.1))


async def settled(ledger, client, key, seconds=15):
    async with ledger.settling(client), asyncio.timeout(seconds):
        while (effect := await ledger.find(key)) is None or effect.state is not State.AWARDED:
            await asyncio.sleep(0.05)
    return effect


async def test_an_award_is_made_and_asked_for_again_is_held(sandbox, sandbox_client, ledger):
    first = await ask(sandbox_client, ledger)
    assert isinstance(first, Awarded)
    again = await ask(sandbox_client, ledger, Recipient.email("ANA@example.edu"))
    assert again == AlreadyHeld(key=first.key, assertion_id=first.assertion_id)
    assert sandbox.outbox.sent == 1


async def test_the_run_of_single_awards_cannot_be_applied_for_nothing_in_it_was_looked_for(
    sandbox, sandbox_client, ledger
):
    await ask(sandbox_client, ledger)
    (record,) = await ledger.runs()
    run = await AwardRun.open(ledger, record.id)
    with pytest.raises(InvalidCallError, match="single awards"):
        async for _ in run.apply(sandbox_client):
            pass
    assert sandbox.outbox.sent == 1


async def test_what_was_held_before_the_ledger_is_held(sandbox, sandbox_client, ledger):
    await sandbox_client.badgeclasses.award(MATH_EXPERT, AwardRequest(recipient=ANA))
    assert isinstance(await ask(sandbox_client, ledger), AlreadyHeld)
    assert sandbox.outbox.sent == 1


async def test_nobody_is_awarded_again_what_was_revoked(sandbox_client, ledger):
    made = await sandbox_client.badgeclasses.award(MATH_EXPERT, AwardRequest(recipient=ANA))
    await sandbox_client.assertions.revoke(made.entity_id, RevokeRequest(revocation_reason="x"))
    refused = await ask(sandbox_client, ledger)
    assert isinstance(refused, Rejected)
    assert refused.error_code == "RevokedBefore"
    assert isinstance(await ask(sandbox_client, ledger, award_revoked=True), Awarded)


async def test_what_was_awarded_here_and_revoked_since_is_awarded_once_more_when_that_is_wanted(
    sandbox, sandbox_client, ledger
):
    first = await ask(sandbox_client, ledger)
    revoke = RevokeRequest(revocation_reason="x")
    await sandbox_client.assertions.revoke(first.assertion_id, revoke)
    told = await asyncio.gather(*(ask(sandbox_client, ledger, award_revoked=True) for _ in "abc"))
    (made,) = {one.assertion_id for one in told}
    assert made != first.assertion_id
    assert {type(one) for one in told} <= {Awarded, AlreadyHeld}
    again = await ask(sandbox_client, ledger, award_revoked=True)
    assert isinstance(again, AlreadyHeld)
    assert again.assertion_id == made
    assert sandbox.outbox.sent == 2


async def test_a_hundred_requests_for_one_person_are_one_award(sandbox, sandbox_client, ledger):
    told = await asyncio.gather(*(ask(sandbox_client, ledger, deadline=5) for _ in range(100)))
    assert {type(one) for one in told} <= {Awarded, AlreadyHeld, Pending}
    assert sandbox.outbox.sent == 1


async def test_a_request_that_times_out_is_pending_and_settled_later(
    sandbox, sandbox_client, ledger
):
    assert isinstance(await ask(sandbox_client, ledger, Recipient.email("x@example.edu")), Awarded)
    await hurry(ledger)
    sandbox.faults.next("badgeclasses.award", "hang")
    pending = await ask(sandbox_client, ledger, deadline=0.2)
    assert isinstance(pending, Pending)
    effect = await settled(ledger, sandbox_client, pending.key)
    assert effect.assertion_id
    assert sandbox.outbox.sent == 2
    assert not sandbox.outbox.doubled()


@pytest.mark.parametrize("after", [0.0, 0.002, 0.005, 0.01, 0.02, 0.05])
async def test_a_cancelled_request_loses_and_doubles_nothing(
    after, sandbox, sandbox_client, ledger
):
    await ask(sandbox_client, ledger, Recipient.email("x@example.edu"))
    await hurry(ledger)
    task = asyncio.create_task(ask(sandbox_client, ledger))
    await asyncio.sleep(after)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):  # or it was faster
        await task
    if after:
        key = award_key("sandbox", MATH_EXPERT, "email", ANA.identity)
        effect = await settled(ledger, sandbox_client, key)
        assert effect.state is State.AWARDED
    assert not sandbox.outbox.doubled()


async def test_what_a_dead_process_left_is_settled(sandbox, tmp_path):
    file = tmp_path / "l.sqlite3"
    program = """
import asyncio, os, sys
from aiobadges import ParchmentClient, Recipient
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.once import award_once
async def main():
    async with Ledger.open(sys.argv[1]) as ledger, \\
            ParchmentClient(region="sandbox", base_url=sys.argv[2]) as client:
        for n in range(5):
            await award_once(client, ledger, badge=sys.argv[3], deadline=0.3,
                             recipient=Recipient.email(f"p{n}@example.edu"))
        os._exit(9)
asyncio.run(main())
"""
    sandbox.faults.next("badgeclasses.award", "hang", 2)
    sandbox.faults.next("badgeclasses.award", "hang_before_work", 3)
    await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program, file, sandbox.url, MATH_EXPERT], check=False
    )
    async with (
        Ledger.open(file) as ledger,
        ParchmentClient(region="sandbox", base_url=sandbox.url) as client,
    ):
        (run,) = await ledger.runs(unfinished=True)
        assert run.pacing == Pacing.sandbox()
        await hurry(ledger)
        async with ledger.settling(client), asyncio.timeout(20):
            while await ledger.counts(run.id) != {State.AWARDED: 5}:
                await asyncio.sleep(0.05)
    assert sandbox.outbox.sent == 5
    assert not sandbox.outbox.doubled()


SERVES = """
import asyncio, sys
from aiobadges import ParchmentClient, Recipient
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.once import Pending, award_once
async def main():
    async with Ledger.open(sys.argv[1]) as ledger, \\
            ParchmentClient(region="sandbox", base_url=sys.argv[2]) as client:
        async def one(n):
            return await award_once(client, ledger, badge=sys.argv[3], deadline=45,
                                    recipient=Recipient.email(f"p{n}@example.edu"))
        async with ledger.settling(client):
            told = await asyncio.gather(*(one(n) for n in range(40)))
        print(sum(not isinstance(t, Pending) for t in told))
asyncio.run(main())
"""


async def test_two_server_processes_on_one_ledger_award_each_person_once(sandbox, tmp_path):
    sandbox.faults.probability({"drop_after_work": 0.1, "rate_limited": 0.05}, seed=3,
                               operation="badgeclasses.award", retry_after="0")  # fmt: skip
    programs = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", SERVES, str(tmp_path / "l.sqlite3"), sandbox.url, MATH_EXPERT,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]  # fmt: skip
    try:
        async with asyncio.timeout(55):
            told = await asyncio.gather(*(p.communicate() for p in programs))
    finally:
        for program in programs:
            with contextlib.suppress(ProcessLookupError):
                program.kill()
    assert told == [(b"40\n", b"")] * 2  # both were told how each one ended, and neither failed
    assert not sandbox.outbox.doubled()
    assert sandbox.outbox.sent == 40


async def test_settling_goes_on_when_the_ledger_was_locked_while_it_looked(
    server, client, tmp_path
):
    file = tmp_path / "l.sqlite3"
    locker = sqlite3.connect(file, isolation_level=None)
    looks = []

    def lock_once(items, query):
        looks.append(query)
        if len(looks) == 1:
            locker.execute("BEGIN IMMEDIATE")
            asyncio.get_running_loop().call_later(0.5, locker.execute, "ROLLBACK")
        return items

    async with (
        Ledger.open(file, busy_seconds=0.1, clock=Quick()) as ledger,
        Ledger.open(file) as watched,
    ):
        server.script = ["drop after"]
        pending = await ask(client, ledger, deadline=0.3)
        assert isinstance(pending, Pending)
        await hurry(ledger)
        server.listing = lock_once
        async with ledger.settling(client), asyncio.timeout(15):
            while (await watched.find(pending.key)).state is not State.AWARDED:
                await asyncio.sleep(0.05)
    locker.close()
    assert not server.doubled()


async def test_one_client_serves_two_ledgers(sandbox, sandbox_client, ledger, tmp_path):
    assert isinstance(await ask(sandbox_client, ledger), Awarded)
    async with Ledger.open(tmp_path / "other.sqlite3") as other:
        assert isinstance(await ask(sandbox_client, other), AlreadyHeld)
        assert isinstance(
            await ask(sandbox_client, other, Recipient.email("bo@example.edu")), Awarded
        )
    assert sandbox.outbox.sent == 2


@pytest.fixture
async def in_doubt(sandbox, sandbox_client, ledger):
    """Give an award whose answer was lost, and that nobody has looked into."""
    await ask(sandbox_client, ledger, Recipient.email("x@example.edu"))
    await hurry(ledger)
    sandbox.faults.next("badgeclasses.award", "drop_after_work")
    pending = await ask(sandbox_client, ledger, deadline=0.5)
    effect = await ledger.find(pending.key)
    assert effect.state is State.UNKNOWN
    return effect


async def test_what_the_platform_was_asked_about_in_vain_is_asked_again_by_the_next_settling(
    in_doubt, sandbox, sandbox_client, ledger
):
    assert await ledger.change(in_doubt, PatienceEnded(error_code="NeedsPerson"))
    assert isinstance(await ask(sandbox_client, ledger, deadline=0.5), Pending)
    await settled(ledger, sandbox_client, in_doubt.key)
    assert sandbox.outbox.sent == 2


async def test_what_was_revoked_before_it_was_settled_is_rejected(in_doubt, sandbox_client, ledger):
    revoked = ListedOursRevoked(assertion_id="a", error_code="RevokedMeanwhile")
    assert await ledger.change(in_doubt, revoked)
    told = await ask(sandbox_client, ledger, deadline=0.5)
    assert isinstance(told, Rejected)
    assert told.error_code == "RevokedMeanwhile"
