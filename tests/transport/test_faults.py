"""Every way the sandbox can fail, met by a read and by an award: error, requests, mails."""

import pytest

from aiobadges.errors import (
    AlreadyHeldError,
    BadResponseError,
    DisconnectedError,
    OutcomeUnknownError,
    RateLimitedError,
    RefusedError,
    ServerError,
    TimeoutFailedError,
    UnauthorizedError,
)
from aiobadges.sandbox import FAULT_KINDS
from aiobadges.transport.exchange import Timeouts
from aiobadges.wire.outcome import WriteOutcome, outcome_of

QUICK = Timeouts(connect=2, read=0.1, total=2)

READ = {
    "before_work": (ServerError, 3),
    "after_work": (ServerError, 3),
    "unavailable": (ServerError, 3),
    "rate_limited": (RateLimitedError, 3),
    # aiohttp sends a GET once more by itself when the connection breaks.
    "drop_before_work": (DisconnectedError, 6),
    "drop_after_work": (DisconnectedError, 6),
    "hang": (TimeoutFailedError, 3),
    "hang_before_work": (TimeoutFailedError, 3),
    "late_work": (TimeoutFailedError, 3),
    "cut_body": (DisconnectedError, 3),
    "html": (BadResponseError, 1),
    "refused": (RefusedError, 1),
    "unauthorized": (UnauthorizedError, 1),
}
AWARD = {
    "before_work": (ServerError, WriteOutcome.UNKNOWN, 1, 0),
    "after_work": (ServerError, WriteOutcome.UNKNOWN, 1, 1),
    "unavailable": (ServerError, WriteOutcome.UNKNOWN, 1, 0),
    "rate_limited": (RateLimitedError, WriteOutcome.REJECTED, 3, 0),
    "drop_before_work": (DisconnectedError, WriteOutcome.UNKNOWN, 1, 0),
    "drop_after_work": (DisconnectedError, WriteOutcome.UNKNOWN, 1, 1),
    "hang": (TimeoutFailedError, WriteOutcome.UNKNOWN, 1, 1),
    "hang_before_work": (TimeoutFailedError, WriteOutcome.UNKNOWN, 1, 0),
    "late_work": (TimeoutFailedError, WriteOutcome.UNKNOWN, 1, 0),  # not yet
    "cut_body": (DisconnectedError, WriteOutcome.UNKNOWN, 1, 1),
    "html": (BadResponseError, WriteOutcome.UNKNOWN, 1, 1),
    "refused": (RefusedError, WriteOutcome.REJECTED, 1, 0),
    "unauthorized": (UnauthorizedError, WriteOutcome.REJECTED, 1, 0),
}


def test_tables_name_every_fault():
    assert READ.keys() == AWARD.keys() == set(FAULT_KINDS)


@pytest.mark.parametrize("kind", READ)
async def test_read_ends_as_written_when_it_meets(kind, sandbox, client_of, speak, clock):
    expected, requests = READ[kind]
    sandbox.faults.next("users.get_self", kind, times=20)

    error = await speak.error_of(client_of(sandbox, clock=clock, timeouts=QUICK).users.get_self())

    assert type(error) is expected
    assert sandbox.counters.of("users.get_self") == requests
    assert error.site.operation == "users.get_self"
    assert error.site.template == "/v2/users/self"


@pytest.mark.parametrize("kind", [kind for kind, (_, requests) in READ.items() if requests > 1])
async def test_read_succeeds_when_it_meets_only_once(kind, sandbox, client_of, clock):
    sandbox.faults.next("users.get_self", kind)

    user = await client_of(sandbox, clock=clock, timeouts=QUICK).users.get_self()

    assert user.first_name == "Robin"
    assert sandbox.counters.of("users.get_self") == 2


@pytest.mark.parametrize("kind", AWARD)
async def test_award_ends_as_written_when_it_meets(kind, sandbox, client_of, speak, clock):
    cause, outcome, requests, mails = AWARD[kind]
    sandbox.faults.next("badgeclasses.award", kind, times=20)

    error = await speak.error_of(speak.award(client_of(sandbox, clock=clock, timeouts=QUICK)))

    assert outcome_of(error) is outcome
    if outcome is WriteOutcome.UNKNOWN:
        assert type(error) is OutcomeUnknownError
        assert type(error.__cause__) is cause
    else:
        assert type(error) is cause
    assert sandbox.counters.of("badgeclasses.award") == requests
    assert sandbox.outbox.sent == mails


async def test_award_is_refused_when_the_recipient_holds_the_badge(sandbox, client_of, speak):
    client = client_of(sandbox)
    await speak.award(client)

    error = await speak.error_of(speak.award(client))

    assert type(error) is AlreadyHeldError
    assert sandbox.outbox.sent == 1


async def test_award_is_sent_again_when_it_was_turned_away_for_its_rate(
    sandbox, client_of, speak, clock
):
    sandbox.faults.next("badgeclasses.award", "rate_limited")

    await speak.award(client_of(sandbox, clock=clock))

    assert sandbox.outbox.sent == 1


async def test_award_is_sent_again_when_no_connection_could_be_made(
    start, dead_url, client_of, speak, clock
):
    late = await start()
    await late.aclose()

    class Late(type(clock)):
        async def sleep(self, seconds):
            if not late._url:
                await late.start(port=int(dead_url.rpartition(":")[2]))
            await super().sleep(seconds)

    await speak.award(client_of(dead_url, token=late.token, clock=Late()))

    assert late.outbox.sent == 1


@pytest.mark.parametrize("attempts", [1, 2, 5])
async def test_read_is_tried_as_often_as_the_client_says(
    attempts, sandbox, client_of, speak, clock
):
    sandbox.faults.next("users.get_self", "before_work", times=20)

    error = await speak.error_of(
        client_of(sandbox, clock=clock, attempts=attempts).users.get_self()
    )

    assert sandbox.counters.of("users.get_self") == attempts
    assert error.site.attempts == attempts


@pytest.mark.parametrize(
    ("drawn", "waits"),
    [
        (0.0, [0, 0, 0, 0, 0]),
        (0.5, [0.25, 0.5, 1, 2, 4]),
        (0.999, [0.4995, 0.999, 1.998, 3.996, 7.992]),
    ],
)
async def test_waits_between_attempts_double_up_to_eight_seconds_times_chance(
    drawn, waits, sandbox, client_of, speak
):
    clock = speak.Clock(draw=drawn)
    sandbox.faults.next("users.get_self", "before_work", times=20)

    await speak.error_of(client_of(sandbox, clock=clock, attempts=6).users.get_self())

    assert clock.slept == pytest.approx(waits)


async def test_waiting_for_another_attempt_holds_no_permit(sandbox, client_of, speak):
    """With one slot, a call gets through while another one waits to try again."""
    done = []

    class Waiting(speak.Clock):
        async def sleep(self, seconds):
            if not done:
                done.append(await client.issuers.list())
            await super().sleep(seconds)

    client = client_of(sandbox, clock=Waiting(), concurrency=1)
    sandbox.faults.next("users.get_self", "before_work")

    await client.users.get_self()

    assert len(done) == 1
