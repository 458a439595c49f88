"""One deadline over everything: waiting, all attempts, and the pauses between them."""

import asyncio

import pytest

from aiobadges.errors import (
    DeadlineError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitedError,
    ServerError,
    TimeoutFailedError,
    UnauthorizedError,
)
from aiobadges.parchment.resources.users import GET_SELF
from aiobadges.sandbox import PASSWORD, USERNAME
from aiobadges.transport.exchange import Timeouts
from aiobadges.transport.session import Options
from aiobadges.wire.operation import Call

READ = Call(operation=GET_SELF)


async def test_nothing_is_sent_when_the_deadline_passes_while_waiting_for_a_slot(
    sandbox, client_of, speak
):
    client = client_of(sandbox, concurrency=1)

    async with client.session.permit():
        error = await speak.error_of(speak.award(client.with_options(deadline=0.1)))

    assert type(error) is DeadlineError
    assert isinstance(error, NotSentError)
    assert error.site.attempts == 0
    assert sandbox.counters.requests == 0


async def test_nothing_is_sent_when_the_deadline_passes_in_a_pause(sandbox, client_of, speak):
    client = client_of(sandbox, attempts=1)
    sandbox.faults.next("users.get_self", "rate_limited", retry_after=60)
    await speak.error_of(client.users.get_self())

    error = await speak.error_of(speak.award(client.with_options(deadline=0.1)))

    assert type(error) is DeadlineError
    assert sandbox.counters.of("badgeclasses.award") == 0


async def test_nothing_is_sent_when_the_deadline_passes_while_signing_in(sandbox, client_of, speak):
    sandbox.faults.next("token", "hang_before_work")
    client = client_of(sandbox, username=USERNAME, password=PASSWORD)

    error = await speak.error_of(speak.award(client.with_options(deadline=0.2)))

    assert type(error) is DeadlineError
    assert sandbox.counters.requests == 1  # the sign-in
    client.session._tokens._flight.cancel()


@pytest.mark.parametrize("deadline", [0, -1.0])
async def test_nothing_is_sent_when_the_deadline_has_passed_before_the_call(
    deadline, sandbox, client_of, speak
):
    client = client_of(sandbox)
    await client.users.get_self()  # a connection is at hand

    error = await speak.error_of(speak.award(client.with_options(deadline=deadline)))

    assert type(error) is DeadlineError
    assert sandbox.counters.of("badgeclasses.award") == 0


async def test_nothing_is_sent_when_the_deadline_passes_on_the_clock_of_the_client(
    sandbox, client_of, speak, clock
):
    client = client_of(sandbox, clock=clock, rate=0.1)
    await client.users.get_self()

    error = await speak.error_of(speak.award(client.with_options(deadline=5)))

    assert type(error) is DeadlineError
    assert sandbox.outbox.sent == 0


async def test_award_is_unknown_when_the_deadline_passes_on_its_way(sandbox, client_of, speak):
    sandbox.faults.next("badgeclasses.award", "hang")
    client = client_of(sandbox).with_options(deadline=0.3)

    async with asyncio.timeout(5):
        error = await speak.error_of(speak.award(client))

    assert type(error) is OutcomeUnknownError
    assert type(error.__cause__) is TimeoutFailedError
    assert sandbox.outbox.sent == 1


async def test_read_fails_with_its_last_error_when_the_deadline_passes_in_the_back_off(
    sandbox, client_of, speak
):
    sandbox.faults.next("users.get_self", "before_work", times=9)
    clock = speak.Clock(draw=0.99)
    client = client_of(sandbox, clock=clock)

    error = await speak.error_of(client.with_options(deadline=0.3).users.get_self())

    assert type(error) is ServerError
    assert sandbox.counters.requests == 1
    assert clock.slept == []  # nobody waits for an attempt that cannot be made


async def test_read_fails_with_its_last_error_when_the_deadline_passes_in_a_pause(
    sandbox, client_of, speak
):
    sandbox.faults.next("users.get_self", "rate_limited", retry_after=60)

    class Quick(speak.Clock):
        """Back-offs take no time; the pause takes its own."""

        async def sleep(self, seconds):
            await asyncio.sleep(seconds)

        def monotonic(self):
            return asyncio.get_running_loop().time()

    client = client_of(sandbox, clock=Quick(draw=0.0))

    error = await speak.error_of(client.with_options(deadline=0.3).users.get_self())

    assert type(error) is RateLimitedError
    assert sandbox.counters.requests == 1


async def test_read_fails_with_the_refusal_when_the_deadline_passes_while_the_token_is_renewed(
    sandbox, client_of, speak
):
    client = client_of(sandbox, username=USERNAME, password=PASSWORD)
    await client.users.get_self()
    sandbox.expire_tokens()
    sandbox.faults.next("token", "hang_before_work")

    error = await speak.error_of(client.with_options(deadline=0.3).users.get_self())

    assert type(error) is UnauthorizedError
    client.session._tokens._flight.cancel()


async def test_every_attempt_is_cut_to_what_is_left_of_the_deadline(sandbox, client_of, speak):
    sandbox.faults.next("users.get_self", "hang", times=9)
    client = client_of(sandbox, clock=speak.Clock(draw=0.0))
    loop = asyncio.get_running_loop()
    started = loop.time()

    await speak.error_of(client.with_options(deadline=0.3, attempts=1).users.get_self())

    assert loop.time() - started < 3


async def test_deadline_of_one_call_comes_before_that_of_the_client(sandbox, client_of, speak):
    client = client_of(sandbox, concurrency=1, deadline=60)

    async with asyncio.timeout(5), client.session.permit():
        error = await speak.error_of(client.send(READ, Options(deadline=0.05)))

    assert type(error) is DeadlineError


async def test_deadline_of_the_client_holds_when_the_call_names_none(sandbox, client_of, speak):
    client = client_of(sandbox, concurrency=1, deadline=0.05)

    async with asyncio.timeout(5), client.session.permit():
        error = await speak.error_of(client.send(READ, Options(attempts=1)))

    assert type(error) is DeadlineError


async def test_timeouts_of_one_call_come_before_those_of_the_client(sandbox, client_of, speak):
    sandbox.faults.next("users.get_self", "hang")
    client = client_of(sandbox).with_options(timeouts=Timeouts(total=0.1), attempts=1)

    async with asyncio.timeout(5):
        error = await speak.error_of(client.users.get_self())

    assert type(error) is TimeoutFailedError
