"""Signing in once for everybody, however many calls find out that they must."""

import asyncio
import contextlib
from datetime import timedelta

import pytest

from aiobadges.errors import (
    BadgesError,
    ConnectError,
    InvalidCallError,
    NotSentError,
    ServerError,
    SignInError,
    UnauthorizedError,
)
from aiobadges.parchment.sign_in import BadgrSignIn
from aiobadges.sandbox import PASSWORD, USERNAME
from aiobadges.transport.auth.refreshing import RefreshingTokens
from aiobadges.transport.auth.stores import FileStore, MemoryStore
from aiobadges.transport.auth.tokens import StaticToken, TokenSet
from aiobadges.transport.exchange import HttpExchange
from aiobadges.values import Secret

ACCOUNT = {"username": USERNAME, "password": PASSWORD}


class ListeningStore(MemoryStore):
    """Notes what is saved, and when."""

    def __init__(self, tokens=None):
        super().__init__(tokens)
        self.saved = []
        self.at_save = lambda: None

    async def save(self, tokens):
        await asyncio.sleep(0.05)  # who does not wait for the store is seen to go ahead
        self.at_save()
        await super().save(tokens)
        self.saved.append(tokens)


@pytest.mark.parametrize("concurrency", [1, 20, 50])
async def test_one_refresh_serves_all_when_fifty_calls_meet_an_expired_token(
    concurrency, start, client_of
):
    sandbox = await start(latency=0.005)
    client = client_of(sandbox, concurrency=concurrency, **ACCOUNT)
    await client.users.get_self()
    sandbox.expire_tokens()

    async with asyncio.timeout(20):
        users = await asyncio.gather(*(client.users.get_self() for _ in range(50)))

    assert [user.first_name for user in users] == ["Robin"] * 50
    assert (sandbox.counters.logins, sandbox.counters.refreshes) == (1, 1)


async def test_one_login_serves_all_when_fifty_calls_come_first(sandbox, client_of):
    client = client_of(sandbox, concurrency=1, **ACCOUNT)

    async with asyncio.timeout(20):
        await asyncio.gather(*(client.users.get_self() for _ in range(50)))

    assert (sandbox.counters.logins, sandbox.counters.refreshes) == (1, 0)


async def test_token_is_renewed_before_use_when_it_is_about_to_end(start, client_of, clock):
    sandbox = await start(token_lifetime=100)
    client = client_of(sandbox, clock=clock, **ACCOUNT)
    await client.users.get_self()

    clock.time = 69
    await client.users.get_self()
    assert sandbox.counters.refreshes == 0

    clock.time = 71
    await client.users.get_self()
    assert sandbox.counters.refreshes == 1
    assert sandbox.counters.of("users.get_self") == 3


async def test_token_is_kept_when_it_lives_for_a_short_time_only(start, client_of, clock):
    """Else each call would trade in the refresh token of the one before."""
    sandbox = await start(token_lifetime=20)
    client = client_of(sandbox, clock=clock, **ACCOUNT)

    for _ in range(5):
        await client.users.get_self()

    assert sandbox.counters.refreshes == 0


async def test_new_tokens_are_stored_before_anyone_uses_them(sandbox, client_of):
    store = ListeningStore()
    client = client_of(sandbox, token_store=store, **ACCOUNT)
    used = []
    store.at_save = lambda: used.append(sandbox.counters.of("users.get_self"))
    await client.users.get_self()
    sandbox.expire_tokens()
    await client.users.get_self()

    assert used == [0, 2]  # the login's, then the refresh after a first 401
    first, second = store.saved
    assert first.refresh != second.refresh
    assert await store.load() == second


async def test_refresh_goes_on_for_the_others_when_a_caller_is_cancelled(sandbox, client_of):
    client = client_of(sandbox, **ACCOUNT)
    await client.users.get_self()
    sandbox.expire_tokens()
    sandbox._pipeline._latency = 0.1

    calls = [asyncio.create_task(client.users.get_self()) for _ in range(5)]
    async with asyncio.timeout(10):
        while client.session._tokens._flight.done():
            await asyncio.sleep(0.005)
    calls[0].cancel()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)

    assert isinstance(outcomes[0], asyncio.CancelledError)
    assert [user.first_name for user in outcomes[1:]] == ["Robin"] * 4
    assert sandbox.counters.refreshes == 1


async def test_refreshed_tokens_reach_the_store_when_every_caller_is_cancelled(sandbox, client_of):
    store = ListeningStore()
    client = client_of(sandbox, token_store=store, **ACCOUNT)
    sandbox._pipeline._latency = 0.1
    call = asyncio.create_task(client.users.get_self())
    await asyncio.sleep(0.03)

    call.cancel()
    await asyncio.wait([call])
    await client.aclose()

    assert len(store.saved) == 1


async def test_refresh_is_given_up_when_the_client_closes_and_the_server_hangs(
    sandbox, client_of, monkeypatch
):
    monkeypatch.setattr("aiobadges.transport.auth.refreshing._GRACE", 0.05)
    sandbox.faults.next("token", "hang_before_work")
    client = client_of(sandbox, **ACCOUNT)
    call = asyncio.create_task(client.users.get_self())
    await asyncio.sleep(0.03)

    async with asyncio.timeout(5):
        await client.aclose()

    with pytest.raises(asyncio.CancelledError):
        await call


async def test_failed_login_is_never_repeated(sandbox, client_of):
    client = client_of(sandbox, username=USERNAME, password="CANARY-TOKEN-wrong")

    outcomes = await asyncio.gather(
        *(client.users.get_self() for _ in range(20)), return_exceptions=True
    )
    with pytest.raises(SignInError, match="invalid_grant"):
        await client.users.get_self()

    assert {type(outcome) for outcome in outcomes} == {SignInError}
    assert len(set(map(id, outcomes))) == 20
    assert sandbox.counters.of("token") == 1
    assert sandbox.counters.requests == 1


async def test_login_is_made_once_when_its_answer_is_lost(sandbox, client_of, speak, clock):
    """It may have counted as a try, and the vendor throttles those."""
    sandbox.faults.next("token", "drop_before_work", times=5)
    client = client_of(sandbox, clock=clock, **ACCOUNT)

    await speak.error_of(client.users.get_self())

    assert sandbox.counters.of("token") == 1


async def test_next_call_logs_in_when_the_server_was_not_reached_before(sandbox, client_of, speak):
    sandbox.faults.next("token", "before_work")
    client = client_of(sandbox, **ACCOUNT)
    await speak.error_of(client.users.get_self())

    assert (await client.users.get_self()).first_name == "Robin"


@pytest.mark.parametrize("kind", ["before_work", "after_work", "drop_before_work", "html"])
async def test_nothing_was_sent_when_no_token_could_be_had_for_an_award(
    kind, sandbox, client_of, speak
):
    """Whatever befell the sign-in: the award itself never left."""
    sandbox.faults.next("token", kind, times=5)

    error = await speak.error_of(speak.award(client_of(sandbox, **ACCOUNT)))

    assert isinstance(error, NotSentError)
    assert sandbox.counters.of("badgeclasses.award") == 0


async def test_everybody_gets_an_error_of_their_own_when_the_server_cannot_be_reached(
    dead_url, client_of
):
    """One exception object raised in thousands of tasks would collect all their tracebacks."""
    client = client_of(dead_url, clock=None, attempts=1, **ACCOUNT)

    outcomes = await asyncio.gather(
        *(client.users.get_self() for _ in range(20)), return_exceptions=True
    )

    assert {type(outcome) for outcome in outcomes} == {ConnectError}
    assert len(set(map(id, outcomes))) == 20


@pytest.mark.parametrize("kind", ["before_work", "unavailable"])
async def test_refresh_is_repeated_when_the_server_failed_on_it(kind, sandbox, client_of, clock):
    client = client_of(sandbox, clock=clock, **ACCOUNT)
    await client.users.get_self()
    sandbox.expire_tokens()
    sandbox.faults.next("token", kind, times=2)

    assert (await client.users.get_self()).first_name == "Robin"
    assert (sandbox.counters.logins, sandbox.counters.refreshes) == (1, 1)
    assert len(clock.slept) == 2


async def test_refresh_is_given_up_when_the_server_keeps_failing(sandbox, client_of, clock, speak):
    client = client_of(sandbox, clock=clock, **ACCOUNT)
    await client.users.get_self()
    sandbox.expire_tokens()
    sandbox.faults.next("token", "before_work", times=9)

    error = await speak.error_of(client.users.get_self())

    assert isinstance(error, (ServerError, NotSentError))
    assert sandbox.counters.of("token") == 1 + 3
    assert sandbox.counters.logins == 1


async def test_refresh_that_meets_a_rate_limit_does_not_end_the_client(sandbox, client_of, clock):
    """429 says nothing about the credentials; and it is no time for a password login."""
    client = client_of(sandbox, clock=clock, **ACCOUNT)
    await client.users.get_self()
    sandbox.expire_tokens()
    sandbox.faults.next("token", "rate_limited", times=3)

    with contextlib.suppress(BadgesError):
        await client.users.get_self()

    assert (await client.users.get_self()).first_name == "Robin"
    assert (sandbox.counters.logins, sandbox.counters.refreshes) == (1, 1)


async def test_password_is_used_once_when_the_refresh_token_is_dead(sandbox, client_of):
    store = ListeningStore(
        TokenSet(access=Secret("CANARY-TOKEN-old"), refresh=Secret("CANARY-TOKEN-dead"))
    )
    client = client_of(sandbox, token_store=store, **ACCOUNT)

    await asyncio.gather(*(client.users.get_self() for _ in range(10)))

    assert (sandbox.counters.logins, sandbox.counters.refreshes) == (1, 0)
    assert sandbox.counters.of("token") == 2


async def test_sign_in_is_refused_for_good_when_refresh_token_and_password_are_dead(
    sandbox, client_of, speak
):
    store = MemoryStore(
        TokenSet(access=Secret("CANARY-TOKEN-old"), refresh=Secret("CANARY-TOKEN-dead"))
    )
    client = client_of(sandbox, token_store=store, username=USERNAME, password="CANARY-TOKEN-wrong")

    for _ in range(3):
        assert isinstance(await speak.error_of(client.users.get_self()), SignInError)

    assert sandbox.counters.of("token") == 2


async def test_sign_in_is_refused_when_the_refresh_token_is_dead_and_there_is_no_password(
    sandbox, client_of, speak
):
    store = MemoryStore(
        TokenSet(access=Secret("CANARY-TOKEN-old"), refresh=Secret("CANARY-TOKEN-dead"))
    )
    client = client_of(sandbox, token_store=store)

    for _ in range(3):
        assert isinstance(await speak.error_of(client.users.get_self()), SignInError)

    assert sandbox.counters.of("token") == 1


async def test_sign_in_is_refused_without_asking_when_there_is_nothing_to_sign_in_with(
    sandbox, client_of, speak
):
    error = await speak.error_of(client_of(sandbox, token_store=MemoryStore()).users.get_self())

    assert isinstance(error, SignInError)
    assert "user name" in error.remedy
    assert sandbox.counters.requests == 0


async def test_old_refresh_token_is_kept_when_the_server_sends_no_new_one(
    serve, client_of, speak, clock
):
    server = await serve(
        speak.reply(200, b'{"access_token": "CANARY-TOKEN-A2", "expires_in": 3600}'),
        speak.envelope({"entityId": "U1"}),
    )
    store = ListeningStore(TokenSet(access=Secret("CANARY-TOKEN-A1"), refresh=Secret("CANARY-TOKEN-R1"),
                                    expires_at=clock.now()))  # fmt: skip

    await client_of(server, token_store=store, clock=clock).users.get_self()

    assert store.saved == [
        TokenSet(access=Secret("CANARY-TOKEN-A2"), refresh=Secret("CANARY-TOKEN-R1"),
                 expires_at=clock.now() + timedelta(hours=1))
    ]  # fmt: skip
    assert server.requests[1].headers["authorization"] == "Bearer CANARY-TOKEN-A2"


async def test_token_given_by_hand_has_no_other_when_it_is_refused(sandbox, client_of, speak):
    client = client_of(sandbox, token="CANARY-TOKEN-expired")

    error = await speak.error_of(client.users.get_self())

    assert type(error) is UnauthorizedError
    assert sandbox.counters.requests == 1
    assert await StaticToken(Secret("CANARY-TOKEN-x")).renew(Secret("CANARY-TOKEN-x")) is None


async def test_no_token_is_sent_when_the_source_has_none(serve, client_of, speak):
    class Nobody:
        async def current(self):
            return None

        async def renew(self, refused):
            raise AssertionError(refused)

        async def aclose(self):
            pass

    server = await serve(speak.reply(401))

    error = await speak.error_of(client_of(server, tokens=Nobody()).users.get_self())

    assert type(error) is UnauthorizedError
    assert "authorization" not in server.requests[0].headers


async def test_password_goes_nowhere_else_when_the_sign_in_is_redirected(serve, client_of, speak):
    elsewhere = await serve()
    server = await serve(speak.reply(307, b"", ("Location", f"{elsewhere.url}/o/token")))

    error = await speak.error_of(client_of(server, **ACCOUNT).users.get_self())

    assert isinstance(error, SignInError)
    assert elsewhere.connections == 0


async def test_sign_in_says_how_long_to_wait_when_the_account_is_throttled(
    sandbox, speak, client_of
):
    for _ in range(3):
        await speak.error_of(
            client_of(sandbox, username=USERNAME, password="CANARY-TOKEN-wrong").users.get_self()
        )

    error = await speak.error_of(client_of(sandbox, **ACCOUNT).users.get_self())

    assert isinstance(error, SignInError)
    assert "seconds" in error.remedy


async def test_sources_that_share_a_store_sign_in_once(sandbox, stack):
    store = MemoryStore()
    http = HttpExchange(base_url=sandbox.url)
    stack.push_async_callback(http.aclose)
    sign_in = BadgrSignIn(sandbox.url, USERNAME, Secret(PASSWORD))
    sources = [RefreshingTokens(http=http, sign_in=sign_in, store=store) for _ in range(5)]

    tokens = await asyncio.gather(*(source.current() for source in sources))

    assert len(set(tokens)) == 1
    assert sandbox.counters.logins == 1


async def test_error_is_clear_when_the_stored_tokens_cannot_be_read(
    tmp_path, sandbox, client_of, speak
):
    file = tmp_path / "tokens.json"
    file.write_text("{torn")
    client = client_of(sandbox, token_store=FileStore(file), **ACCOUNT)

    error = await speak.error_of(client.users.get_self())

    assert isinstance(error, InvalidCallError)
    assert str(file) in str(error)
    assert sandbox.counters.requests == 0
