"""From making a client to closing it: loops, sharing, forgetting to close."""

import asyncio
import gc
import warnings

import pytest

from aiobadges.errors import InvalidCallError
from aiobadges.parchment.client import ParchmentClient
from aiobadges.sandbox import PASSWORD, USERNAME, SandboxThread
from aiobadges.transport.exchange import HttpExchange


@pytest.fixture(scope="module")
def other():
    """Give a sandbox with a loop of its own."""
    with SandboxThread() as sandbox:
        yield sandbox


def make(sandbox, **options):
    if "username" not in options:
        options["token"] = sandbox.token
    return ParchmentClient(base_url=sandbox.url, **options)


def test_client_works_when_it_was_made_before_the_loop_ran(other):
    client = make(other)

    async def use():
        async with client:
            return await client.users.get_self()

    assert asyncio.run(use()).first_name == "Robin"


def test_client_opens_by_itself_when_nobody_entered_it(other):
    async def use():
        client = make(other)
        try:
            return await client.users.get_self()
        finally:
            await client.aclose()

    assert asyncio.run(use()).first_name == "Robin"


async def test_client_opens_once_when_many_calls_come_first(other):
    client = make(other)

    users = await asyncio.gather(*(client.users.get_self() for _ in range(30)))
    await client.aclose()

    assert len(users) == 30


async def test_nothing_happens_when_it_is_closed_twice(other):
    client = make(other)
    await client.users.get_self()

    await client.aclose()
    await client.aclose()


async def test_nothing_happens_when_it_is_closed_unused(other):
    await make(other).aclose()
    await make(other, username=USERNAME, password=PASSWORD).aclose()


@pytest.mark.parametrize("credentials", [{}, {"username": USERNAME, "password": PASSWORD}])
@pytest.mark.parametrize("used", [True, False])
async def test_call_is_refused_when_the_client_is_closed(credentials, used, other):
    client = make(other, **credentials)
    if used:
        await client.users.get_self()
    await client.aclose()

    with pytest.raises(InvalidCallError, match="closed"):
        await client.users.get_self()
    with pytest.raises(InvalidCallError, match="closed"):
        async with client:
            pass


@pytest.mark.parametrize("credentials", [{}, {"username": USERNAME, "password": PASSWORD}])
@pytest.mark.parametrize("rate", [None, 200])
@pytest.mark.parametrize("calls", [1, 5])
def test_call_is_refused_when_the_client_belongs_to_another_loop(credentials, rate, calls, other):
    """Also when calls have to wait for each other."""
    client = make(other, concurrency=1, rate=rate, **credentials)

    async def use():
        return await asyncio.gather(
            *(client.users.get_self() for _ in range(calls)), return_exceptions=True
        )

    with asyncio.Runner() as first:
        first.run(use())
        with asyncio.Runner() as second:
            outcomes = second.run(use())
        first.run(client.aclose())

    assert {type(outcome) for outcome in outcomes} == {InvalidCallError}
    assert "another event loop" in str(outcomes[0])


async def test_warning_is_given_when_the_client_was_not_closed(other):
    client = make(other)
    await client.users.get_self()
    connector = client.session._http._session.connector

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del client
        gc.collect()
    await connector.close()

    ours = [str(w.message) for w in caught if "aiobadges client was not closed" in str(w.message)]
    assert len(ours) == 1
    assert {w.category for w in caught} == {ResourceWarning}


async def test_no_warning_is_given_when_it_was_closed_or_never_used(other):
    used, unused = make(other), make(other)
    await used.users.get_self()
    await used.aclose()

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del used, unused
        gc.collect()

    assert caught == []


def test_nothing_is_complained_of_when_it_cannot_be_made(monkeypatch):
    complaints = []
    monkeypatch.setattr("sys.unraisablehook", complaints.append)

    with pytest.raises(ValueError, match="plain"):
        HttpExchange(base_url="ftp://example.edu")
    gc.collect()

    assert complaints == []


async def test_derived_client_shares_connections_tokens_and_limits(sandbox, client_of):
    client = client_of(sandbox, username=USERNAME, password=PASSWORD)
    derived = client.with_options(attempts=1)

    await client.users.get_self()
    await derived.users.get_self()

    assert sandbox.counters.logins == 1
    assert derived.session._http is client.session._http
    assert derived.session._limiter is client.session._limiter


async def test_derived_client_cannot_be_closed(other):
    async with make(other) as client:
        derived = client.with_options(deadline=5)

        with pytest.raises(InvalidCallError, match="derived"):
            await derived.aclose()
        async with derived as entered:
            assert entered is derived
            await derived.users.get_self()

        assert (await client.users.get_self()).first_name == "Robin"


async def test_derived_options_do_not_touch_the_client_they_came_from(sandbox, client_of, clock):
    client = client_of(sandbox, clock=clock)
    client.with_options(attempts=1)
    sandbox.faults.next("users.get_self", "before_work", times=2)

    assert (await client.users.get_self()).first_name == "Robin"


async def test_derived_options_add_up_when_derived_twice(sandbox, client_of, clock, speak):
    client = client_of(sandbox, clock=clock).with_options(attempts=1).with_options(deadline=9)
    sandbox.faults.next("users.get_self", "before_work")

    await speak.error_of(client.users.get_self())

    assert sandbox.counters.requests == 1


async def test_fixtures_of_the_plugin_give_a_sandbox_and_its_client(badge_client, badge_sandbox):
    assert (await badge_client.users.get_self()).first_name == "Robin"
    assert badge_sandbox.counters.requests == 1
