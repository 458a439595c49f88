"""Plans and runs of the same people at the same time, or one after the other broke off."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter

import pytest

from aiobadges.awards.ledger.discard import discard_plan
from aiobadges.awards.ledger.hold import is_held
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.ledger.runs import RunState
from aiobadges.awards.plan import PlanPolicy
from aiobadges.awards.roster.row import Row
from aiobadges.awards.run import AwardRun
from aiobadges.awards.states import Claimed, State
from aiobadges.parchment.models import BadgeClass
from aiobadges.sandbox import MATH_EXPERT

BADGES = {"": BadgeClass(entity_id=MATH_EXPERT, issuer="issuer")}
OTHERWISE_SPELLED = "Person2@Example.EDU"


@pytest.fixture
def after(ledger, client):
    """Plan a row for person2, otherwise spelled, once the platform was listed and something done."""

    async def after(what, **policy):
        async def rows():
            await what()
            yield Row(number=2, identifier=OTHERWISE_SPELLED)

        return await AwardRun.plan(
            ledger, client, rows(), badges=BADGES, policy=PlanPolicy(**policy)
        )

    return after


async def test_what_another_run_awards_while_a_plan_is_made_is_held(
    planned, applied, after, ledger, server
):
    first = await planned(1)
    second = await after(lambda: applied(first))
    assert await ledger.counts(second.id) == {State.ALREADY_HELD: 1}
    await applied(second)
    assert len(server.assertions) == 1


async def test_what_is_awarded_and_revoked_while_a_plan_is_made_is_not_awarded_again(
    planned, applied, after, ledger, server
):
    first = await planned(1)

    async def award_and_revoke():
        await applied(first)
        server.assertions[0]["revoked"] = True

    second = await after(award_and_revoke)
    assert await ledger.counts(second.id) == {State.REVOKED_BEFORE: 1}


async def test_what_was_revoked_while_a_plan_is_made_is_awarded_once_when_that_is_wanted(
    planned, applied, after, ledger, server
):
    first = await planned(1)

    async def award_and_revoke():
        await applied(first)
        server.assertions[0]["revoked"] = True

    second = await after(award_and_revoke, award_revoked=True)
    await applied(second)
    assert await ledger.counts(second.id) == {State.AWARDED: 1}
    assert [one["revoked"] for one in server.assertions] == [True, False]


async def test_what_the_platform_has_lost_is_awarded_again(planned, applied, after, server):
    first = await planned(1)
    await applied(first)
    server.assertions.clear()

    async def nothing():
        pass

    await applied(await after(nothing))
    assert len(server.assertions) == 1


async def test_each_person_is_planned_once_when_two_plan_one_roster_at_the_same_time(
    ledger, client, people, tmp_path
):
    async with Ledger.open(tmp_path / "ledger.sqlite3") as other:
        runs = await asyncio.gather(
            *(AwardRun.plan(one, client, people(1200), badges=BADGES) for one in (ledger, other))
        )
        counts = [await ledger.counts(run.id) for run in runs]
        assert sum(one.get(State.PLANNED, 0) for one in counts) == 1200
        assert sum(one.get(State.DUPLICATE, 0) for one in counts) == 1200


async def test_a_plan_that_is_not_wanted_gives_back_what_it_took_over(
    planned, applied, ledger, server
):
    first = await planned(3)
    (row, *_) = await ledger.page(first.id)
    await ledger.change(row, Claimed())
    await ledger.update_run(first.id, {"state": RunState.STOPPED.value})
    second = await planned(4)
    assert (await ledger.reread(row)).run == second.id

    assert await ledger.ask(lambda c: discard_plan(c, second.id))

    third = await planned(4)
    counts = await ledger.counts(third.id)
    assert State.DUPLICATE not in counts
    await applied(third)
    assert await ledger.counts(third.id) == {State.AWARDED: 4}
    assert len(server.assertions) == 4


async def test_a_holder_on_another_host_is_never_taken_for_dead(ledger, planned):
    run = await planned(1)
    elsewhere = {"holder": "x", "holder_host": "another-host", "holder_pid": 2**22 + 1}
    await ledger.update_run(run.id, elsewhere)
    assert is_held(await ledger.run(run.id))
    again = await planned(1)
    assert await ledger.counts(again.id) == {State.DUPLICATE: 1}


async def test_nobody_is_awarded_twice_when_rows_are_taken_from_a_process_wrongly_held_for_dead(
    planned, applied, ledger, server
):
    """Two containers may share a ledger and a host name, and not see each other's processes."""
    died = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await died.wait()
    first = await planned(30)
    server.script = ["hang after", "hang before", "drop before"] * 4
    applying = asyncio.create_task(applied(first, workers=6))
    async with asyncio.timeout(10):
        while len(server.posts) < 5:
            await asyncio.sleep(0.01)
    await ledger.update_run(first.id, {"holder_pid": died.pid})
    second = await planned(30)
    taken = await ledger.counts(second.id)
    assert taken[State.SENDING]
    assert taken[State.PLANNED]
    await asyncio.gather(applied(second), applying)
    both = [one for run in (first, second) for one in await ledger.page(run.id)]
    ends = Counter(one.state for one in both)
    assert set(ends) <= {State.AWARDED, State.ALREADY_HELD}
    assert len(server.assertions) == ends[State.AWARDED] == 30
    assert not server.doubled()
