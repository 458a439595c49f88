"""Taking back: whole runs, parts, what was in doubt, and rows that revoke or reissue."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys

import pytest

from aiobadges import AwardRequest, Recipient
from aiobadges.awards.fingerprint import award_key, fingerprint
from aiobadges.awards.lease import Pacing
from aiobadges.awards.ledger.effects import Effect
from aiobadges.awards.ledger.runs import RunState
from aiobadges.awards.plan import PlanPolicy
from aiobadges.awards.run import AwardRun
from aiobadges.awards.states import Kind, Standing, State
from aiobadges.errors import InvalidCallError, UnauthorizedError
from aiobadges.parchment.models import BadgeClass
from aiobadges.sandbox import EXAMPLE_UNIVERSITY, MATH_EXPERT

QUICK = Pacing(lease=1.0, settle=0.4, timeout=0.5, patience=5.0)
BADGES = {"": BadgeClass(entity_id=MATH_EXPERT, issuer=EXAMPLE_UNIVERSITY)}


@pytest.fixture
def plan(ledger, sandbox_client, people):
    async def plan(many=3, **options):
        return await AwardRun.plan(ledger, sandbox_client, people(many), badges=BADGES, **options)

    return plan


async def apply(run, client, **options):
    return [outcome async for outcome in run.apply(client, **options)]


async def undo(run, client, reason="wrong cohort", **options):
    async with contextlib.aclosing(run.undo(client, reason=reason, **options)) as outcomes:
        return [outcome async for outcome in outcomes]


async def held(client, address):
    recipient = Recipient.email(address)
    return await client.badgeclasses.award(MATH_EXPERT, AwardRequest(recipient=recipient))


async def test_a_whole_run_is_undone_and_nothing_else(plan, sandbox, sandbox_client):
    await held(sandbox_client, "before@example.edu")
    run = await plan(5)
    await apply(run, sandbox_client)
    undone = await undo(run, sandbox_client)
    assert [outcome.status for outcome in undone] == [State.REVOKED] * 5
    assert sandbox.awards("before@example.edu")[0].is_live
    assert not any(
        one.is_live for n in range(2, 7) for one in sandbox.awards(f"person{n}@example.edu")
    )


async def test_a_selection_is_undone(plan, ledger, sandbox_client):
    run = await plan(5)
    await apply(run, sandbox_client)
    only = [
        outcome.number
        for outcome in await undo(run, sandbox_client, only=lambda one: one.number in {3, 4})
    ]
    assert sorted(only) == [3, 4]
    assert await ledger.counts(run.id) == {State.AWARDED: 3, State.REVOKED: 2}


async def test_an_undo_without_a_reason_is_refused(plan, sandbox_client):
    run = await plan(1)
    with pytest.raises(InvalidCallError):
        await undo(run, sandbox_client, " ")


async def test_each_items_own_result_decides_in_a_bulk_revocation(planned, applied, client, server):
    run = await planned(4)
    await applied(run)
    server.script = ["half"]
    undone = await undo(run, client)
    assert sorted(outcome.status for outcome in undone) == [State.AWARDED] * 2 + [State.REVOKED] * 2
    refused = [outcome for outcome in undone if outcome.status is State.AWARDED]
    assert {outcome.error_message for outcome in refused} == {"not allowed"}
    assert sum(a["revoked"] for a in server.assertions) == 2


async def test_a_revocation_whose_answer_was_lost_is_asked_again_and_done_once(
    planned, applied, client, server
):
    run = await planned(3)
    await applied(run)
    server.script = ["drop after work"]
    undone = await undo(run, client)
    assert [outcome.status for outcome in undone] == [State.REVOKED] * 3


async def test_who_was_undone_may_be_awarded_again_when_it_is_wanted(plan, ledger, sandbox_client):
    run = await plan(1)
    await apply(run, sandbox_client)
    await undo(run, sandbox_client)
    again = await plan(1)
    assert await ledger.counts(again.id) == {State.REVOKED_BEFORE: 1}
    wanted = await plan(1, policy=PlanPolicy(award_revoked=True))
    assert [o.status for o in await apply(wanted, sandbox_client)] == [State.AWARDED]


async def in_doubt(run, client, many):
    """Apply a run until so many rows are in doubt, and stop it."""
    applying = asyncio.create_task(apply(run, client, workers=many, most=many))
    async with asyncio.timeout(10):
        while run.progress().unclear < many:
            await asyncio.sleep(0.01)
    await run.stop()
    await applying


async def test_what_was_not_begun_is_abandoned_when_a_run_is_undone(
    plan, ledger, sandbox, sandbox_client
):
    run = await plan(5)
    await apply(run, sandbox_client, most=2)
    assert [outcome.status for outcome in await undo(run, sandbox_client)] == [State.REVOKED] * 2
    assert await ledger.counts(run.id) == {State.REVOKED: 2, State.ABANDONED: 3}
    again = await AwardRun.open(ledger, run.id)
    await apply(again, sandbox_client)
    assert sandbox.outbox.sent == 2
    assert await ledger.runs(unfinished=True) == []


async def test_who_was_abandoned_may_be_planned_again(plan, ledger, sandbox_client):
    run = await plan(3)
    await apply(run, sandbox_client, most=1)
    await undo(run, sandbox_client)
    again = await plan(3)
    assert await ledger.counts(again.id) == {State.REVOKED_BEFORE: 1, State.PLANNED: 2}


async def test_only_rows_that_are_meant_are_abandoned(plan, ledger, sandbox_client):
    run = await plan(4)
    await undo(run, sandbox_client, only=lambda one: one.number == 3)
    assert await ledger.counts(run.id) == {State.PLANNED: 3, State.ABANDONED: 1}


async def test_a_doubt_is_looked_into_and_then_revoked_or_abandoned_but_never_sent(
    planned, client, server
):
    run = await planned(2)
    server.script = ["drop after", "drop before"]
    await in_doubt(run, client, 2)
    outcomes = await undo(run, client)
    assert sorted(outcome.status for outcome in outcomes) == [State.ABANDONED, State.REVOKED]
    assert len(server.posts) == 2
    assert [made["revoked"] for made in server.assertions] == [True]


async def test_doubts_that_are_not_meant_are_left_as_they_are(planned, ledger, client, server):
    run = await planned(2)
    server.script = ["drop after", "drop before"]
    await in_doubt(run, client, 2)
    await undo(run, client, only=lambda one: one.number == 99)
    assert await ledger.counts(run.id) == {State.UNKNOWN: 2}


async def test_an_answer_that_every_row_would_meet_pauses_an_undo_and_the_next_goes_on(
    plan, ledger, sandbox, sandbox_client
):
    run = await plan(3)
    await apply(run, sandbox_client)
    sandbox.faults.next("assertions.revoke_many", "unauthorized")
    with pytest.raises(UnauthorizedError):
        await undo(run, sandbox_client)
    assert await ledger.counts(run.id) == {State.REVOKING: 3}
    assert (await ledger.run(run.id)).state is RunState.PAUSED
    # Going on with the run goes on with its undo.
    assert [one.status for one in await apply(run, sandbox_client)] == [State.REVOKED] * 3


@pytest.mark.parametrize("kind", ["after_work", "drop_after_work", "hang", "unavailable", "html"])
async def test_a_revocation_without_a_good_answer_is_asked_again(
    kind, plan, sandbox, sandbox_client
):
    run = await plan(3, pacing=QUICK)
    await apply(run, sandbox_client)
    sandbox.faults.next("assertions.revoke_many", kind, times=4, retry_after=0)
    assert [one.status for one in await undo(run, sandbox_client)] == [State.REVOKED] * 3


async def test_an_undo_is_stopped_between_two_calls_and_gone_on_with(plan, ledger, sandbox_client):
    run = await plan(120)
    await apply(run, sandbox_client)
    async with contextlib.aclosing(run.undo(sandbox_client, reason="x")) as outcomes:
        async for _ in outcomes:
            run.request_stop()
    counts = await ledger.counts(run.id)
    assert 0 < counts[State.REVOKING] < 120
    assert len(await undo(run, sandbox_client)) == counts[State.REVOKING]
    assert await ledger.counts(run.id) == {State.REVOKED: 120}


UNDOES = """
import asyncio, os, signal, sys
from aiobadges import ParchmentClient
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.run import AwardRun

file, url, name, point = sys.argv[1:5]

def reach(where):
    if where == point:
        os.kill(os.getpid(), signal.SIGKILL)

async def main():
    async with Ledger.open(file) as ledger, ParchmentClient(base_url=url, token="CANARY-TOKEN") as client:
        run = await AwardRun.open(ledger, name)
        async for _ in run.undo(client, reason="wrong cohort", reach=reach):
            pass

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("point", ["after_intent", "after_response", "after_commit"])
async def test_an_undo_that_is_killed_is_gone_on_with(
    point, planned, applied, ledger, client, server, tmp_path
):
    run = await planned(4)
    await applied(run)
    arguments = (str(tmp_path / "ledger.sqlite3"), server.url, run.id, point)
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", UNDOES, *arguments)
    assert await killed.wait() == -signal.SIGKILL
    await undo(run, client)
    assert await ledger.counts(run.id) == {State.REVOKED: 4}
    assert all(made["revoked"] for made in server.assertions)
    (row, *_) = [effect async for effect in ledger.effects(run.id)]
    assert row.reason == "wrong cohort"


# Rows that revoke, and rows that reissue


@pytest.fixture
def corrected(planned, ledger, server):
    """Write a run down whose rows revoke or reissue what somebody holds already."""

    async def corrected(kind, many=3):
        holders = [f"person{number}@example.edu" for number in range(2, many + 2)]
        olds = [
            server.award({"recipient": {"identity": person}, "issuedOn": "2025-01-01"})
            for person in holders
        ]
        run = await planned(0)
        for number, (person, old) in enumerate(zip(holders, olds, strict=True), 2):
            key = award_key(
                run.record.origin, MATH_EXPERT, "email", person, follows=old["entityId"]
            )
            issued_on = fingerprint(key, None, server_now=ledger.clock.now())
            body = {
                "recipient": {"identity": person, "type": "email", "hashed": False},
                "issuedOn": issued_on.isoformat(),
                "allowDuplicateAwards": False,
            }
            effect = Effect(
                run=run.id, number=number, key=key, badge=MATH_EXPERT, recipient=person,
                standing=Standing(kind=kind, state=State.REVOKING), replaces=old["entityId"],
                earlier=(old["entityId"],), issued_on=issued_on, call=json.dumps(body).encode(), reason="a wrong date",
            )  # fmt: skip
            assert not await ledger.add([effect])
        return await AwardRun.open(ledger, run.id)

    return corrected


async def test_rows_that_revoke_take_back_what_they_name(corrected, applied, server):
    run = await corrected(Kind.REVOKE)
    assert [one.status for one in await applied(run)] == [State.REVOKED] * 3
    assert [made["revoked"] for made in server.assertions] == [True] * 3
    assert not server.posts


async def test_a_reissue_revokes_the_old_badge_and_awards_the_new_one(
    corrected, applied, client, server
):
    run = await corrected(Kind.REISSUE)
    assert [one.status for one in await applied(run)] == [State.AWARDED] * 3
    assert [made["revoked"] for made in server.assertions] == [True] * 3 + [False] * 3
    assert (await run.audit(client)).is_clean


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param(["drop after work", "drop after", "hang before", "drop before"], id="lost"),
        pytest.param(["", "status 500 done", "half", "html"], id="answers that say nothing"),
    ],
)
async def test_a_reissue_under_faults_ends_with_one_live_badge_each(
    faults, corrected, applied, server
):
    run = await corrected(Kind.REISSUE)
    server.script = faults
    assert [one.status for one in await applied(run)] == [State.AWARDED] * 3
    for number in (2, 3, 4):
        assert len(server.live(f"person{number}@example.edu")) == 1
    assert len(server.assertions) == 6


async def test_a_reissue_whose_new_badge_is_refused_says_that_neither_is_there(
    corrected, applied, server
):
    run = await corrected(Kind.REISSUE, 1)
    server.script = ["", "status 400"]
    (outcome,) = await applied(run)
    assert outcome.status is State.NEEDS_PERSON
    assert outcome.error_message
    assert not server.live("person2@example.edu")


async def test_a_reissue_whose_old_badge_stays_awards_nothing(corrected, applied, server):
    run = await corrected(Kind.REISSUE, 2)
    server.script = ["half"]
    outcomes = {one.number: one.status for one in await applied(run)}
    assert outcomes == {2: State.AWARDED, 3: State.REJECTED}
    assert server.posts == ["person2@example.edu"]
    assert len(server.live("person3@example.edu")) == 1
