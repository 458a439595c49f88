"""What becomes of a run when signing in fails, and of a rotated token when its process dies.

The numbers are those of the fault matrix, see test_fault_matrix.py.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys

import pytest

from aiobadges import ParchmentClient
from aiobadges.awards.run import AwardRun
from aiobadges.awards.states import State
from aiobadges.errors import SignInError
from aiobadges.parchment.models import BadgeClass
from aiobadges.sandbox import MATH_EXPERT, PASSWORD, USERNAME
from aiobadges.transport.auth.stores import FileStore

ACCOUNT = {"username": USERNAME, "password": PASSWORD}


@pytest.fixture
async def plan_signed_in(server, ledger, people):
    """Sign in, and plan a run; the client is open until the end of the test."""
    async with ParchmentClient(base_url=server.url, **ACCOUNT) as client:

        async def plan_signed_in(many):
            badges = {"": BadgeClass(entity_id=MATH_EXPERT, issuer="issuer")}
            return client, await AwardRun.plan(ledger, client, people(many), badges=badges)

        yield plan_signed_in


async def test_11_many_refused_tokens_are_one_refresh_and_each_award_is_made_once(
    server, plan_signed_in, ends
):
    client, run = await plan_signed_in(60)
    server.token_seconds = 0.2  # so that all who are under way find out first
    server.expire_tokens()
    assert await ends(run, of=client) == [State.AWARDED] * 60
    assert server.sign_ins == ["password", "refresh_token"]
    refused = [token for token in server.tokens if token == "Bearer access-1"]
    assert len(server.posts) <= 60 + len(refused)
    assert len(server.assertions) == 60


@pytest.mark.parametrize(
    "faults", [["500"], ["503", "500"], ["drop before"], ["429"]], ids=" ".join
)
async def test_28_a_refresh_that_failed_is_tried_again_once_for_all(
    faults, server, plan_signed_in, ends
):
    client, run = await plan_signed_in(20)
    server.token_script = list(faults)
    server.expire_tokens()
    assert await ends(run, of=client) == [State.AWARDED] * 20
    assert server.sign_ins == ["password"] + ["refresh_token"] * (len(faults) + 1)


async def test_28b_a_refresh_token_that_is_refused_is_followed_by_one_login(
    server, plan_signed_in, ends
):
    client, run = await plan_signed_in(20)
    server.refresh_tokens = set()
    server.expire_tokens()
    assert await ends(run, of=client) == [State.AWARDED] * 20
    assert server.sign_ins == ["password", "refresh_token", "password"]


async def test_28c_a_login_that_is_refused_sends_nothing_and_is_not_repeated(
    server, ledger, plan_signed_in, applied
):
    _, run = await plan_signed_in(5)
    server.sign_ins.clear()
    async with ParchmentClient(
        base_url=server.url, username=USERNAME, password="CANARY-TOKEN-wrong"
    ) as client:
        with pytest.raises(SignInError) as refused:
            await applied(run, of=client)
    assert "Check user name and password" in refused.value.remedy
    assert await ledger.counts(run.id) == {State.PLANNED: 5}
    assert server.sign_ins == ["password"]
    assert not server.posts


CALLS_WITH_A_STORED_TOKEN = """
import asyncio, os, pathlib, signal, sys
from aiobadges.errors import SignInError
from aiobadges.parchment.client import ParchmentClient
from aiobadges.transport.auth.stores import FileStore

url, file, dies = sys.argv[1:4]

class MortalStore(FileStore):
    async def save(self, tokens):
        if dies == "before the save":
            os.kill(os.getpid(), signal.SIGKILL)
        await super().save(tokens)
        if dies == "before the first use":
            os.kill(os.getpid(), signal.SIGKILL)

async def main():
    store = MortalStore(pathlib.Path(file))
    async with ParchmentClient(base_url=url, token_store=store) as client:
        await client.session.signed_in()
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        try:
            await asyncio.gather(*(client.users.get_self() for _ in range(10)))
        except SignInError as error:
            print(error.message, "|", error.remedy, flush=True)
        else:
            print("done", flush=True)

asyncio.run(main())
"""


@pytest.fixture
async def call(server, tmp_path):
    """Start a process with the stored token of somebody who signed in; ``go`` has it call."""
    programs = []
    file = tmp_path / "tokens" / "one.json"
    async with ParchmentClient(
        base_url=server.url, token_store=FileStore(file), **ACCOUNT
    ) as client:
        await client.users.get_self()
    server.sign_ins.clear()

    async def call(dies=""):
        program = subprocess.Popen(  # noqa: ASYNC220 - the test waits for it in threads
            [sys.executable, "-c", CALLS_WITH_A_STORED_TOKEN, server.url, str(file), dies],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        programs.append(program)
        assert await asyncio.to_thread(program.stdout.readline) == "ready\n"
        return program

    yield call
    for program in programs:
        program.kill()
        program.communicate()


async def go(program):
    text, _ = await asyncio.to_thread(program.communicate, "go\n", timeout=30)
    return text.strip()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
async def test_29_a_rotated_token_is_stored_before_it_is_used_so_that_a_crash_loses_nothing(
    server, call
):
    dying, next_one = await call("before the first use"), await call()
    server.expire_tokens()
    await go(dying)
    assert dying.returncode == -signal.SIGKILL
    assert "Bearer access-2" not in server.tokens
    assert await go(next_one) == "done"
    assert server.sign_ins == ["refresh_token"]
    assert server.tokens[-10:] == ["Bearer access-2"] * 10


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
async def test_29b_a_crash_before_a_rotated_token_was_stored_asks_for_a_new_sign_in(server, call):
    dying, next_one = await call("before the save"), await call()
    server.expire_tokens()
    await go(dying)
    assert dying.returncode == -signal.SIGKILL
    said = await go(next_one)
    assert "refused the sign-in (invalid_grant)" in said
    assert "sign in again" in said
    assert server.sign_ins == ["refresh_token"] * 2  # the second is refused, and not repeated


async def test_30_two_processes_whose_token_is_refused_at_once_refresh_it_once(server, call):
    both = [await call(), await call()]
    server.token_seconds = 0.5  # so that both find out while the refresh is under way
    server.expire_tokens()
    assert await asyncio.gather(*map(go, both)) == ["done", "done"]
    assert server.sign_ins == ["refresh_token"]
    assert server.tokens.count("Bearer access-1") == 21  # one of who signed in, ten of each
    assert server.tokens.count("Bearer access-2") == 20
