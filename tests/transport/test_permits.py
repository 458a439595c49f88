"""What the award algorithm stands on: permits taken early, and a last look before sending."""

import asyncio
import socket
import time

import aiohttp
import pytest

from aiobadges.errors import (
    InvalidCallError,
    OutcomeUnknownError,
    RateLimitedError,
    SignInError,
    UnauthorizedError,
)
from aiobadges.parchment.models import AwardRequest, Recipient
from aiobadges.parchment.resources.badgeclasses import AWARD
from aiobadges.parchment.resources.users import GET_SELF
from aiobadges.sandbox import MATH_EXPERT, PASSWORD, USERNAME
from aiobadges.transport.session import Options
from aiobadges.wire.operation import Call

READ = Call(operation=GET_SELF)


def awarding(badge=MATH_EXPERT, **fields):
    body = AwardRequest(recipient=Recipient.email("ana@example.edu"), **fields)
    return Call(operation=AWARD, path=(badge,), body=body)


class LeaseLostError(Exception):
    pass


async def assert_slot_is_free(client):
    async with asyncio.timeout(2):
        async with client.session.permit():
            pass


@pytest.fixture
def one(sandbox, client_of, clock):
    """Give a client with a single slot."""
    return client_of(sandbox, concurrency=1, clock=clock)


async def test_call_uses_the_permit_it_is_given(one, sandbox):
    async with asyncio.timeout(5), one.session.permit() as permit:
        await one.send(READ, Options(permit=permit))

    assert sandbox.counters.requests == 1


async def test_permit_is_free_again_as_soon_as_the_exchange_is_over(one):
    async with asyncio.timeout(5), one.session.permit() as permit:
        await one.send(READ, Options(permit=permit))
        await one.send(READ)  # with the only slot


async def test_second_attempt_takes_a_permit_of_its_own(one, sandbox):
    sandbox.faults.next("users.get_self", "before_work")

    async with asyncio.timeout(5), one.session.permit() as permit:
        await one.send(READ, Options(permit=permit))

    assert sandbox.counters.requests == 2
    await assert_slot_is_free(one)


async def test_permit_is_released_once_when_it_is_given_back_twice(sandbox, client_of):
    client = client_of(sandbox, concurrency=1)
    async with client.session.permit() as permit:
        permit.release()
        permit.release()

    async with client.session.permit():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), client.session.permit():
                pass


async def test_second_call_is_refused_when_it_uses_a_spent_permit(one, sandbox):
    """Else the second call would run beside the bound."""
    async with one.session.permit() as permit:
        await one.send(READ, Options(permit=permit))
        with pytest.raises(InvalidCallError, match="permit"):
            await one.send(READ, Options(permit=permit))

    assert sandbox.counters.requests == 1


async def test_permit_is_released_when_the_argument_cannot_be_sent(one, sandbox):
    permit = await one.session.permit().__aenter__()

    with pytest.raises(InvalidCallError):
        await one.send(awarding("../users"), Options(permit=permit))

    await assert_slot_is_free(one)
    assert sandbox.counters.requests == 0


async def test_permit_is_released_when_the_sign_in_fails(sandbox, client_of):
    client = client_of(sandbox, concurrency=1, username=USERNAME, password="CANARY-TOKEN-wrong")
    permit = await client.session.permit().__aenter__()

    with pytest.raises(SignInError):
        await client.send(awarding(), Options(permit=permit))

    await assert_slot_is_free(client)


async def test_permit_is_released_when_the_hook_refuses(one, sandbox):
    permit = await one.session.permit().__aenter__()

    def refuse():
        raise LeaseLostError

    with pytest.raises(LeaseLostError):
        await one.send(awarding(), Options(permit=permit, before_send=refuse))

    await assert_slot_is_free(one)
    assert sandbox.counters.requests == 0


async def test_permit_is_released_when_the_call_is_cancelled_on_its_way(one, sandbox):
    sandbox.faults.next("users.get_self", "hang")
    permit = await one.session.permit().__aenter__()
    call = asyncio.create_task(one.send(READ, Options(permit=permit)))
    while not sandbox.counters.requests:
        await asyncio.sleep(0.01)

    call.cancel()
    await asyncio.wait([call])

    assert call.cancelled()
    await assert_slot_is_free(one)


async def test_permit_is_released_when_the_call_is_cancelled_while_signing_in(sandbox, client_of):
    sandbox.faults.next("token", "hang_before_work")
    client = client_of(sandbox, concurrency=1, username=USERNAME, password=PASSWORD)
    permit = await client.session.permit().__aenter__()
    call = asyncio.create_task(client.send(READ, Options(permit=permit)))
    await asyncio.sleep(0.05)

    call.cancel()
    await asyncio.wait([call])

    await assert_slot_is_free(client)
    client.session._tokens._flight.cancel()


async def test_slot_is_free_when_the_one_who_waited_for_it_is_cancelled(one):
    async with one.session.permit():
        waiting = asyncio.create_task(one.send(READ))
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.wait([waiting])

    await assert_slot_is_free(one)


async def test_sign_in_takes_no_permit_when_awaited_beforehand(sandbox, client_of):
    client = client_of(sandbox, concurrency=1, username=USERNAME, password=PASSWORD)

    async with asyncio.timeout(5), client.session.permit():
        await client.session.signed_in()

    assert sandbox.counters.logins == 1


async def test_permit_block_gives_its_permit_back_when_the_body_fails(one):
    with pytest.raises(LeaseLostError):
        async with one.session.permit():
            raise LeaseLostError

    await assert_slot_is_free(one)


async def test_nothing_is_sent_when_the_lease_lapsed_while_the_name_was_looked_up(
    sandbox, client_of, speak
):
    """The pool, DNS and TLS can take seconds: the hook is asked after them, not before."""
    resolver = speak.SlowResolver(1.0)
    loop = asyncio.get_running_loop()
    port = sandbox.url.rpartition(":")[2]
    lease_ends = loop.time() + 0.5

    def check_the_lease():
        if loop.time() > lease_ends:
            raise LeaseLostError("the lease lapsed")

    connector = aiohttp.TCPConnector(resolver=resolver)
    async with aiohttp.ClientSession(connector=connector) as lender:
        client = client_of(f"http://api.localhost:{port}", token=sandbox.token, session=lender)
        with pytest.raises(LeaseLostError, match="the lease lapsed"):
            await client.send(awarding(), Options(before_send=check_the_lease))

    assert resolver.asked == ["api.localhost"]
    assert sandbox.counters.requests == 0
    assert sandbox.outbox.sent == 0


async def test_nothing_lies_between_the_hook_and_the_socket(client_of):
    """A process that is put to sleep after it was asked would send on waking, as late as that."""
    loop, asked, arrived = asyncio.get_running_loop(), [], []

    def accept(listening):
        connection, _ = listening.accept()
        with connection:
            connection.recv(1)
            arrived.append(time.monotonic())

    def before_send():
        asked.append(time.monotonic())
        loop.call_soon(time.sleep, 0.5)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        client = client_of(f"http://127.0.0.1:{listening.getsockname()[1]}", token="CANARY-TOKEN")
        accepting = asyncio.create_task(asyncio.to_thread(accept, listening))
        with pytest.raises(OutcomeUnknownError):
            await client.send(awarding(), Options(attempts=1, before_send=before_send))
        await accepting

    assert arrived[0] - asked[0] < 0.4


@pytest.mark.parametrize(
    "error",
    [LeaseLostError("mine"), OSError("mine"), TimeoutError("mine"), ValueError("mine"),
     aiohttp.ClientOSError("mine"), aiohttp.ServerDisconnectedError("mine"),
     InvalidCallError("mine"), KeyboardInterrupt("mine")],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
@pytest.mark.parametrize("call", [READ, awarding()], ids=["read", "award"])
async def test_error_of_the_hook_comes_out_as_it_is(error, call, one, sandbox):
    def refuse():
        raise error

    with pytest.raises(type(error)) as caught:
        await one.send(call, Options(before_send=refuse))

    assert caught.value is error
    assert sandbox.counters.requests == 0


async def test_hook_is_asked_before_every_attempt(one, sandbox):
    sandbox.faults.next("users.get_self", "before_work", times=2)
    asked = []

    await one.send(READ, Options(before_send=lambda: asked.append(sandbox.counters.requests)))

    assert asked == [0, 1, 2]


async def test_hook_is_asked_again_when_aiohttp_sends_again_by_itself(one, sandbox):
    sandbox.faults.next("users.get_self", "drop_before_work")
    asked = []

    await one.send(READ, Options(before_send=lambda: asked.append(1), attempts=1))

    assert len(asked) == sandbox.counters.requests == 2


async def test_award_stays_unknown_when_the_hook_refuses_nothing_but_the_connection_breaks(
    one, sandbox
):
    sandbox.faults.next("badgeclasses.award", "drop_after_work")

    with pytest.raises(OutcomeUnknownError):
        await one.send(awarding(), Options(before_send=lambda: None))


async def test_award_is_sent_once_when_one_attempt_is_allowed(one, sandbox):
    sandbox.faults.next("badgeclasses.award", "rate_limited")

    with pytest.raises(RateLimitedError):
        await one.send(awarding(), Options(attempts=1))

    assert sandbox.counters.of("badgeclasses.award") == 1


async def test_refresh_is_no_attempt_and_asks_the_hook_again(sandbox, client_of):
    client = client_of(sandbox, concurrency=1, username=USERNAME, password=PASSWORD)
    await client.users.get_self()
    sandbox.expire_tokens()
    asked = []

    reply = await client.send(awarding(), Options(attempts=1, before_send=lambda: asked.append(1)))

    assert reply.status == 201
    assert len(asked) == sandbox.counters.of("badgeclasses.award") == 2
    assert sandbox.counters.refreshes == 1


async def test_call_has_all_its_attempts_when_the_token_was_renewed_before(
    sandbox, client_of, clock
):
    client = client_of(sandbox, attempts=2, clock=clock, username=USERNAME, password=PASSWORD)
    sandbox.faults.next("users.get_self", "unauthorized")
    sandbox.faults.next("users.get_self", "before_work")

    assert (await client.users.get_self()).first_name == "Robin"
    assert sandbox.counters.of("users.get_self") == 3


async def test_nothing_is_awarded_when_the_hook_refuses_the_second_sending(sandbox, client_of):
    client = client_of(sandbox, username=USERNAME, password=PASSWORD)
    await client.users.get_self()
    sandbox.expire_tokens()
    asked = []

    def once():
        asked.append(1)
        if len(asked) > 1:
            raise LeaseLostError

    with pytest.raises(LeaseLostError):
        await client.send(awarding(), Options(before_send=once))

    assert sandbox.outbox.sent == 0
    assert sandbox.counters.of("badgeclasses.award") == 1


async def test_call_is_sent_twice_at_most_when_every_token_is_refused(sandbox, client_of):
    client = client_of(sandbox, username=USERNAME, password=PASSWORD)
    sandbox.faults.next("users.get_self", "unauthorized", times=9)

    with pytest.raises(UnauthorizedError):
        await client.users.get_self()

    assert sandbox.counters.of("users.get_self") == 2


async def test_options_are_refused_when_they_allow_no_attempt(sandbox, client_of):
    with pytest.raises(InvalidCallError, match="attempts"):
        client_of(sandbox).with_options(attempts=0)
