"""A process that is killed while it plans leaves a part of a plan, and nobody may take it for all."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys

import pytest

from aiobadges.awards.ledger.discard import discard_broken_plans
from aiobadges.awards.ledger.runs import RunState
from aiobadges.awards.roster.row import Row
from aiobadges.awards.run import AwardRun
from aiobadges.awards.states import State
from aiobadges.errors import InvalidCallError
from aiobadges.parchment.models import BadgeClass
from aiobadges.sandbox import MATH_EXPERT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

PLANS = """
import asyncio, os, signal, sys
from aiobadges import ParchmentClient
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.roster.row import Row
from aiobadges.awards.run import AwardRun
from aiobadges.awards.states import State
from aiobadges.parchment.models import BadgeClass
from aiobadges.sandbox import MATH_EXPERT

file, url = sys.argv[1:]

async def rows():
    for number in range(2, 1202):
        if number == 1102:
            os.kill(os.getpid(), signal.SIGKILL)
        yield Row(number=number, identifier=f"person{number}@example.edu")

async def main():
    badge = BadgeClass(entity_id=MATH_EXPERT, issuer="issuer")
    async with Ledger.open(file) as ledger, ParchmentClient(base_url=url, token="CANARY-TOKEN") as client:
        await AwardRun.plan(ledger, client, rows(), badges={"": badge})

asyncio.run(main())
"""


async def test_half_a_plan_is_not_applied_when_its_process_was_killed(
    ledger, server, applied, planned, tmp_path
):
    command = [sys.executable, "-c", PLANS, str(tmp_path / "ledger.sqlite3"), server.url]
    process = await asyncio.to_thread(subprocess.run, command, check=False)
    assert process.returncode == -signal.SIGKILL
    (record,) = await ledger.runs()
    with pytest.raises(InvalidCallError, match="not planned to its end"):
        await applied(await AwardRun.open(ledger, record.id))
    assert not server.posts
    whole = await planned(1200)  # it does not stand in the way of the next plan
    assert await ledger.counts(whole.id) == {State.PLANNED: 1200}
    assert [one.id for one in await ledger.runs()] == [whole.id]


async def test_a_plan_that_has_just_begun_is_no_broken_one(client, ledger):
    """It is held from the moment it is there, so that another plan does not tidy it away."""
    seen = []

    async def rows():
        seen.extend(await ledger.runs())
        await ledger.ask(discard_broken_plans)
        yield Row(number=2, identifier="ana@example.edu")

    badge = BadgeClass(entity_id=MATH_EXPERT, issuer="issuer")
    run = await AwardRun.plan(ledger, client, rows(), badges={"": badge})
    assert [(one.state, bool(one.holder)) for one in seen] == [(RunState.PLANNING, True)]
    assert await ledger.counts(run.id) == {State.PLANNED: 1}
