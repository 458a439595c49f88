"""How much at once and how fast; and the pauses a server asks for, which hold for all calls."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiobadges.errors import OutcomeUnknownError, RateLimitedError, ServerError
from aiobadges.sandbox import RateLimit
from aiobadges.transport.events import Paused
from aiobadges.transport.limits import LocalLimiter
from aiobadges.wire.exchange import Broken, Response
from aiobadges.wire.retry import LONGEST_PAUSE

SERVER_TIME = datetime(2031, 5, 1, 8, 0, tzinfo=UTC)  # five years ahead of the client's clock


def answer(retry_after, status=429, date=None):
    headers = {"retry-after": retry_after} if retry_after is not None else {}
    return Response(status=status, headers=headers | ({"date": date} if date else {}))


async def admitted_at(limiter, clock):
    permit = await limiter.acquire()
    permit.release()
    return clock.time


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("said", "date", "seconds"),
    [
        ("7", None, 7),
        (" 7 ", None, 7),
        ("1000000000", None, LONGEST_PAUSE),
        ("9" * 400, None, LONGEST_PAUSE),
        (format_datetime(SERVER_TIME + timedelta(seconds=9), usegmt=True),
         format_datetime(SERVER_TIME, usegmt=True), 9),
        (format_datetime(SERVER_TIME + timedelta(days=9), usegmt=True),
         format_datetime(SERVER_TIME, usegmt=True), LONGEST_PAUSE),
        ("Sun, 01 Mar 2026 12:00:05 GMT", None, 5),
        ("Sun, 01 Mar 2026 12:00:05 GMT", "a fine day", 5),
        ("Sun, 01 Mar 2026 12:00:05 GMT", "Sun, 01 Mar 2026 12:00:01 -0000", 4),
        ("Sun, 01 Mar 2026 12:00:05 GMT", "Sun, 01 Mar 99999999999999999999 12:00:01 GMT", 5),
    ],
    ids=["seconds", "blanks", "a-billion", "googol", "date", "far-date", "date-without-date",
         "date-with-junk-date", "date-without-zone", "date-with-impossible-date"],
)  # fmt: skip
async def test_all_calls_wait_when_retry_after_is(status, said, date, seconds, clock):
    told = []
    limiter = LocalLimiter(concurrency=20, clock=clock, hook=told.append)

    limiter.observe(answer(said, status, date))

    moments = await asyncio.gather(*(admitted_at(limiter, clock) for _ in range(20)))
    assert moments == pytest.approx([seconds] * 20)
    assert told == [Paused(seconds=seconds, status=status)]


@pytest.mark.parametrize(
    "said",
    [None, "", "soon", "-5", "0", "1.5", "1e9", "٣", "inf", "nan",
     "Sun, 01 Mar 2026 11:59:59 GMT", "Sun, 01 Mar 99999999999999999999 12:00:00 GMT"],
)  # fmt: skip
async def test_no_call_waits_when_retry_after_is(said, clock):
    limiter = LocalLimiter(concurrency=1, clock=clock)

    limiter.observe(answer(said))

    assert await admitted_at(limiter, clock) == 0


@pytest.mark.parametrize(
    "seen",
    [Response(status=200, headers={"retry-after": "7"}),
     Response(status=500, headers={"retry-after": "7"}),
     Broken(by="disconnect", detail="", may_have_arrived=True, status=429)],
    ids=["200", "500", "broken"],
)  # fmt: skip
async def test_no_call_waits_when_the_answer_is_not_about_the_rate(seen, clock):
    limiter = LocalLimiter(concurrency=1, clock=clock)

    limiter.observe(seen)

    assert await admitted_at(limiter, clock) == 0


@given(said=st.text(max_size=40), date=st.text(max_size=40))
@settings(max_examples=300, deadline=None)
def test_junk_in_the_headers_never_breaks_the_limiter(said, date):
    LocalLimiter(concurrency=1).observe(answer(said, 429, date))


async def test_shorter_pause_does_not_end_a_longer_one(clock):
    limiter = LocalLimiter(concurrency=1, clock=clock)

    limiter.observe(answer("9"))
    limiter.observe(answer("2"))

    assert await admitted_at(limiter, clock) == 9


async def test_whoever_waits_for_the_pace_waits_for_a_pause_that_comes_meanwhile(clock):
    limiter = LocalLimiter(concurrency=20, rate=1, clock=clock)
    first = await limiter.acquire()
    waiting = asyncio.create_task(admitted_at(limiter, clock))
    await asyncio.sleep(0)
    limiter.observe(answer("30"))
    first.release()

    assert await waiting == pytest.approx(30, abs=1.01)


async def test_all_calls_of_a_client_wait_when_one_is_told_to(sandbox, client_of, clock, speak):
    client = client_of(sandbox, clock=clock)
    sandbox.faults.next("users.get_self", "rate_limited", retry_after=40)

    await client.users.get_self()
    assert clock.time >= 40

    sandbox.faults.next("users.get_self", "rate_limited", retry_after=100)
    with pytest.raises(RateLimitedError):
        await client.with_options(attempts=1).users.get_self()
    await speak.award(client)
    assert clock.time >= 140


async def test_award_is_unknown_and_the_client_pauses_when_the_server_is_unavailable(
    sandbox, client_of, clock, speak
):
    client = client_of(sandbox, clock=clock)
    sandbox.faults.next("badgeclasses.award", "unavailable", retry_after=25)

    error = await speak.error_of(speak.award(client))
    await client.users.get_self()

    assert type(error) is OutcomeUnknownError
    assert type(error.__cause__) is ServerError
    assert clock.time == pytest.approx(25)


async def test_calls_are_spaced_evenly_when_there_is_a_rate(clock):
    limiter = LocalLimiter(concurrency=50, rate=5, clock=clock)

    moments = await asyncio.gather(*(admitted_at(limiter, clock) for _ in range(11)))

    assert sorted(moments) == pytest.approx([n / 5 for n in range(11)])


async def test_no_burst_is_saved_up_when_nobody_calls_for_a_while(clock):
    limiter = LocalLimiter(concurrency=50, rate=5, clock=clock)
    await admitted_at(limiter, clock)
    clock.time += 100

    moments = await asyncio.gather(*(admitted_at(limiter, clock) for _ in range(3)))

    assert moments == pytest.approx([100, 100.2, 100.4])


async def test_costly_call_takes_the_place_of_many(clock):
    limiter = LocalLimiter(concurrency=1, rate=10, clock=clock)

    (await limiter.acquire(cost=30)).release()

    assert await admitted_at(limiter, clock) == pytest.approx(3)


async def test_new_rate_holds_for_the_next_call(clock):
    limiter = LocalLimiter(concurrency=1, rate=1, clock=clock)
    await admitted_at(limiter, clock)
    limiter.pacer.rate = 100

    await admitted_at(limiter, clock)

    assert await admitted_at(limiter, clock) == pytest.approx(1.01)


async def test_slot_is_free_when_who_waited_for_the_pace_is_cancelled():
    limiter = LocalLimiter(concurrency=1, rate=0.001)
    (await limiter.acquire()).release()
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await limiter.acquire()

    limiter.pacer.rate = None
    async with asyncio.timeout(1):
        await limiter.acquire()


async def play(limiter, clock, steps, sent, pauses):
    """Let calls come, pauses begin and callers give up, and note when calls went out."""
    tasks: list[asyncio.Task[None]] = []

    async def call():
        permit = await limiter.acquire()
        sent.append(clock.time)
        await asyncio.sleep(0)
        permit.release()

    for step, value in steps:
        match step:
            case "calls":
                tasks += [asyncio.create_task(call()) for _ in range(value)]
                await asyncio.sleep(0)
            case "pause":
                limiter.observe(answer(str(value)))
                pauses.append((clock.time, clock.time + value))
            case "idle":
                await clock.sleep(value)
            case "cancel":
                for task in tasks[-value:]:
                    task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@given(
    rate=st.floats(0.5, 50),
    concurrency=st.integers(1, 30),
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("calls"), st.integers(1, 15)),
            st.tuples(st.just("pause"), st.integers(1, 20)),
            st.tuples(st.just("idle"), st.floats(0.01, 5)),
            st.tuples(st.just("cancel"), st.integers(1, 5)),
        ),
        min_size=1,
        max_size=8,
    ),
)
@settings(max_examples=60, deadline=None)
def test_never_more_than_the_rate_and_never_in_a_pause(speak, rate, concurrency, steps):
    """In any window of t seconds at most rate * t + 1 calls go out."""
    clock = speak.Clock()
    sent: list[float] = []
    pauses: list[tuple[float, float]] = []

    limiter = LocalLimiter(concurrency=concurrency, rate=rate, clock=clock)

    asyncio.run(play(limiter, clock, steps, sent, pauses))

    tolerance = 1e-6
    for number, start in enumerate(sent):
        for size, end in enumerate(sent[number:], 1):
            assert size <= rate * (end - start) + 1 + tolerance
    for begin, end in pauses:
        assert not [at for at in sent if begin + tolerance < at < end - tolerance]


@pytest.mark.parametrize("concurrency", [1, 7, 20])
async def test_no_more_than_the_bound_is_in_flight(concurrency, start, client_of, speak):
    sandbox = await start(latency=0.01)
    client = client_of(sandbox, concurrency=concurrency)

    await asyncio.gather(*(speak.award(client, f"s{n}@example.edu") for n in range(60)))

    assert sandbox.counters.max_in_flight == concurrency
    assert sandbox.outbox.sent == 60


async def test_bound_holds_for_derived_clients_and_their_origin_together(start, client_of):
    sandbox = await start(latency=0.01)
    client = client_of(sandbox, concurrency=3)
    derived = [client, client.with_options(attempts=1), client.with_options(deadline=30)]

    await asyncio.gather(*(derived[n % 3].users.get_self() for n in range(30)))

    assert sandbox.counters.max_in_flight == 3


async def test_nobody_is_refused_when_the_client_knows_the_rate(start, client_of):
    sandbox = await start(rate_limit=RateLimit(20, 0.5))
    client = client_of(sandbox, rate=35, attempts=1)

    await asyncio.gather(*(client.users.get_self() for _ in range(25)))

    assert sandbox.counters.requests == 25
