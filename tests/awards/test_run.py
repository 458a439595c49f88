"""Runs against the sandbox: planned, applied, stopped, audited, undone, and under faults."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

import pytest

from aiobadges import AwardRequest, ParchmentClient, Recipient
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.plan import PlanPolicy
from aiobadges.awards.roster.row import Row
from aiobadges.awards.run import AwardRun
from aiobadges.awards.shared_pace import SharedPace
from aiobadges.awards.states import State
from aiobadges.parchment.models import BadgeClass, RevokeRequest
from aiobadges.sandbox import EXAMPLE_UNIVERSITY, MATH_EXPERT

BADGES = {"": BadgeClass(entity_id=MATH_EXPERT, issuer=EXAMPLE_UNIVERSITY)}
FAULTS = (
    "before_work", "after_work", "unavailable", "rate_limited", "drop_before_work",
    "drop_after_work", "hang", "hang_before_work", "cut_body", "html",
)  # fmt: skip


@pytest.fixture
def plan(ledger, sandbox_client, people):
    async def plan(rows=3, **options):
        chosen = people(rows) if isinstance(rows, int) else rows
        return await AwardRun.plan(ledger, sandbox_client, chosen, badges=BADGES, **options)

    return plan


async def apply(run, client):
    return [outcome async for outcome in run.apply(client)]


async def held(client, address, **fields):
    recipient = Recipient.email(address)
    return await client.badgeclasses.award(MATH_EXPERT, AwardRequest(recipient=recipient, **fields))


async def test_a_plan_says_who_is_new_who_holds_it_and_who_held_it(plan, sandbox_client):
    await held(sandbox_client, "person2@example.edu")
    gone = await held(sandbox_client, "person3@example.edu")
    await sandbox_client.assertions.revoke(gone.entity_id, RevokeRequest(revocation_reason="x"))
    past = datetime(2020, 1, 2, tzinfo=UTC)
    await held(sandbox_client, "person4@example.edu", issued_on=past.replace(day=1), expires=past)
    run = await plan(4)
    states = [outcome.status async for outcome in run.outcomes()]
    assert states == [State.ALREADY_HELD, State.REVOKED_BEFORE, State.EXPIRED, State.PLANNED]
    assert run.progress().total == 4
    everyone = await plan(4, policy=PlanPolicy(award_revoked=True, renew=True))
    assert [o.status async for o in everyone.outcomes()][:3] == [
        State.ALREADY_HELD, State.PLANNED, State.PLANNED,
    ]  # fmt: skip


async def test_the_spelling_that_is_on_the_platform_is_sent(plan, sandbox, sandbox_client):
    gone = await held(sandbox_client, "Ana.B@example.edu")
    await sandbox_client.assertions.revoke(gone.entity_id, RevokeRequest(revocation_reason="x"))
    run = await plan(
        [Row(number=2, identifier="ana.b@example.edu")], policy=PlanPolicy(award_revoked=True)
    )
    assert [o.status for o in await apply(run, sandbox_client)] == [State.AWARDED]
    assert [mail.to for mail in sandbox.outbox.mails] == ["Ana.B@example.edu"] * 2


async def test_rows_may_come_one_by_one(ledger, sandbox_client, people):
    async def rows():
        for row in people(1200):
            yield row

    run = await AwardRun.plan(ledger, sandbox_client, rows(), badges=BADGES)
    assert run.progress().counts == {State.PLANNED: 1200}


async def test_a_run_ends_and_its_audit_is_clean(plan, ledger, sandbox_client):
    run = await plan(200)
    outcomes = await apply(run, sandbox_client)
    assert sorted(o.number for o in outcomes) == list(range(2, 202))
    assert run.has_ended
    assert run.progress().counts == {State.AWARDED: 200}
    assert (await ledger.run(run.id)).state == "finished"
    assert not await ledger.runs(unfinished=True)
    audit = await run.audit(sandbox_client)
    assert audit.is_clean
    assert (audit.awarded, audit.listed) == (200, 200)


async def test_an_audit_finds_what_is_missing_and_what_is_extra(plan, sandbox_client):
    await held(sandbox_client, "before@example.edu")
    run = await plan(3)
    first = (await apply(run, sandbox_client))[0]
    await sandbox_client.assertions.revoke(
        first.assertion_id, RevokeRequest(revocation_reason="by hand")
    )
    await held(sandbox_client, "somebody@example.edu")
    audit = await run.audit(sandbox_client)
    assert [one.number for one in audit.missing] == [first.number]
    assert audit.missing[0].is_revoked
    assert [one.recipient for one in audit.extra] == ["somebody@example.edu"]
    assert not audit.doubled


async def test_leaving_the_loop_stops_the_run_and_loses_nothing(
    plan, ledger, sandbox, sandbox_client
):
    run = await plan(300)
    outcomes = run.apply(sandbox_client)
    async for _ in outcomes:
        break
    await outcomes.aclose()
    counts = await ledger.counts(run.id)
    assert counts[State.PLANNED]
    assert State.SENDING not in counts
    assert (await ledger.run(run.id)).state == "stopped"
    again = await AwardRun.open(ledger, run.id)
    await apply(again, sandbox_client)
    assert await ledger.counts(run.id) == {State.AWARDED: 300}
    assert not sandbox.outbox.doubled()


async def test_stop_waits_for_what_is_under_way(plan, ledger, sandbox, sandbox_client):
    run = await plan(300)
    task = asyncio.create_task(apply(run, sandbox_client))
    while sandbox.outbox.sent < 20:
        await asyncio.sleep(0.005)
    await run.stop(grace=10)
    await task
    counts = await ledger.counts(run.id)
    assert State.SENDING not in counts
    assert counts[State.AWARDED] == sandbox.outbox.sent


async def test_a_task_that_is_cancelled_in_the_middle_can_be_gone_on_with(
    plan, ledger, sandbox, sandbox_client
):
    run = await plan(200)
    task = asyncio.create_task(apply(run, sandbox_client))
    while sandbox.outbox.sent < 20:
        await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await apply(await AwardRun.open(ledger, run.id), sandbox_client)
    assert await ledger.counts(run.id) == {State.AWARDED: 200}
    assert not sandbox.outbox.doubled()


@pytest.mark.parametrize("seed", [1, 2])
async def test_under_fifteen_percent_faults_everybody_is_written_to_once(
    seed, plan, ledger, sandbox, sandbox_client
):
    run = await plan(400)
    share = {kind: 0.15 / len(FAULTS) for kind in FAULTS}
    sandbox.faults.probability(share, seed=seed, retry_after="0.2")
    async with asyncio.timeout(60):
        await apply(run, sandbox_client)
    sandbox.faults.clear()
    assert await ledger.counts(run.id) == {State.AWARDED: 400}
    assert sandbox.outbox.sent == 400
    assert not sandbox.outbox.doubled()
    assert (await run.audit(sandbox_client)).is_clean


# One pace


async def test_two_clients_of_one_ledger_share_one_pace(tmp_path, ledger):
    async with Ledger.open(tmp_path / "ledger.sqlite3") as other:
        paces = [SharedPace(one, rate=50) for one in (ledger, other)]
        began = time.monotonic()
        await asyncio.gather(*(pace.wait() for pace in paces for _ in range(20)))
        assert 0.75 <= time.monotonic() - began <= 1.5


async def test_a_pause_of_one_process_holds_for_all(tmp_path, ledger):
    async with Ledger.open(tmp_path / "ledger.sqlite3") as other:
        SharedPace(ledger, rate=1000).pause(0.5)
        await asyncio.sleep(0.1)
        began = time.monotonic()
        await SharedPace(other, rate=1000).wait()
        assert time.monotonic() - began >= 0.3


async def test_a_client_takes_a_shared_pace(sandbox, ledger):
    pace = SharedPace(ledger)
    async with ParchmentClient(
        region="sandbox", base_url=sandbox.url, pace=pace, rate=100.0
    ) as client:
        assert pace.rate == 100
        began = time.monotonic()
        await asyncio.gather(*(client.badgeclasses.get(MATH_EXPERT) for _ in range(20)))
        assert time.monotonic() - began >= 0.18
