"""Points and requests in windows that a server counts, and whose beginning nobody tells us."""

import asyncio
import math
import selectors
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiobadges.errors import InvalidCallError
from aiobadges.transport.budget import Allowance, WindowBudget, seconds_to_reset
from aiobadges.transport.clock import Clock
from aiobadges.transport.events import Paused
from aiobadges.wire.exchange import Broken, Response

EPOCH = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Selector(selectors.DefaultSelector):
    """Waits for nothing: the time for which it is asked to wait has passed at once."""

    now = 1000.0

    def select(self, timeout=None):
        assert timeout is not None, "everybody waits for something that never comes"
        self.now += timeout
        return super().select(0)


class Loop(asyncio.SelectorEventLoop):
    def __init__(self):
        self.chosen = Selector()
        super().__init__(self.chosen)

    def time(self):
        return self.chosen.now


class LoopClock(Clock):
    def __init__(self, loop):
        self.loop = loop

    def monotonic(self):
        return self.loop.time()

    def now(self):
        return EPOCH + timedelta(seconds=self.loop.time())


def play(scene):
    """Run a scene in a time of its own."""
    loop = Loop()
    try:
        return loop.run_until_complete(scene(LoopClock(loop)))
    finally:
        loop.close()


class Server:
    """Counts in fixed windows that begin with a request, and says when one held too much."""

    def __init__(self, clock, allowance, *, says):
        self.clock = clock
        self.allowance = allowance
        self.says = says
        self.ends = -math.inf
        self.points = self.requests = 0
        self.overdrawn = []

    def arrives(self, cost, requests=1):
        now = self.clock.monotonic()
        if now >= self.ends:
            self.ends = now + self.allowance.seconds
            self.points = self.requests = 0
        self.points += cost
        self.requests += requests
        if self.points > self.allowance.points or self.requests > self.allowance.requests:
            self.overdrawn.append((now, self.points, self.requests))
        reset = EPOCH + timedelta(seconds=self.ends)
        return {
            "x-ratelimit-remaining": str(max(0, self.allowance.points - self.points)),
            "x-ratelimit-reset": str(self.says(reset.timestamp())),
        }

    def answers(self, headers):
        return Response(
            status=200,
            headers=headers | {"date": format_datetime(self.clock.now(), usegmt=True)},
        )


def requests(longest_way_back):
    return st.lists(
        st.tuples(
            st.floats(0, 200),  # when it is asked for
            st.integers(0, 6),  # its points
            st.floats(0, 30),  # the way there
            st.floats(0, 30),  # the work
            st.floats(0, longest_way_back),  # the way back
        ),
        max_size=40,
    )


ALLOWANCES = st.builds(
    Allowance, points=st.integers(6, 20), requests=st.integers(1, 8), seconds=st.just(60.0)
)


def overdrawn(asked, allowance, *, says, headers):
    async def scene(clock):
        budget = WindowBudget(allowance, clock=clock, concurrency=5)
        server = Server(clock, allowance, says=says)

        async def one(start, cost, there, work, back):
            await asyncio.sleep(start)
            async with await budget.acquire(cost):
                await asyncio.sleep(there)
                said = server.arrives(cost)
                await asyncio.sleep(work)
                answer = server.answers(said if headers else {})
                await asyncio.sleep(back)
            budget.observe(answer)

        await asyncio.gather(*(one(*each) for each in asked))
        return server.overdrawn

    return play(scene)


@settings(deadline=None)
@given(asked=requests(longest_way_back=50), allowance=ALLOWANCES)
def test_no_window_is_overdrawn_when_the_server_says_nothing(asked, allowance):
    assert overdrawn(asked, allowance, says=math.floor, headers=False) == []


@settings(deadline=None)
@given(
    asked=requests(longest_way_back=2),
    allowance=ALLOWANCES,
    says=st.sampled_from([math.floor, math.ceil, lambda at: int(at * 1000)]),
)
def test_no_window_is_overdrawn_when_the_server_says_when_it_ends(asked, allowance, says):
    assert overdrawn(asked, allowance, says=says, headers=True) == []


def test_next_window_is_used_from_its_begin_when_the_server_says_when_it_ends():
    async def scene(clock):
        allowance = Allowance(points=100, requests=10, seconds=60.0)
        budget, server = (
            WindowBudget(allowance, clock=clock),
            Server(clock, allowance, says=math.ceil),
        )
        server.arrives(0)  # somebody else's request, 40 seconds ago
        await asyncio.sleep(40)
        for _ in range(11):
            async with await budget.acquire(1):
                said = server.arrives(1)
            budget.observe(server.answers(said))
        return clock.monotonic() - 1000, server.overdrawn

    seconds, overdrawn = play(scene)

    assert 60 <= seconds <= 62
    assert overdrawn == [] or overdrawn[0][2] == 11  # the requests of others are told by nobody


def test_points_of_others_are_respected_when_the_server_tells_of_them():
    async def scene(clock):
        allowance = Allowance(points=100, requests=1000, seconds=60.0)
        budget, server = (
            WindowBudget(allowance, clock=clock),
            Server(clock, allowance, says=math.ceil),
        )
        server.arrives(90)
        sent = []
        for _ in range(12):
            async with await budget.acquire(2):
                said = server.arrives(2)
                sent.append(clock.monotonic() - 1000)
            budget.observe(server.answers(said))
        return sent, server.overdrawn

    sent, overdrawn = play(scene)

    assert overdrawn == []
    assert [at < 60 for at in sent] == [True] * 5 + [False] * 7


def test_dear_call_is_not_overtaken_when_it_waits():
    async def scene(clock):
        budget = WindowBudget(Allowance(points=10, requests=99, seconds=60.0), clock=clock)
        order = []

        async def one(name, cost):
            async with await budget.acquire(cost):
                order.append(name)

        await one("first", 5)
        await asyncio.gather(one("dear", 10), one("cheap", 1))
        return order

    assert play(scene) == ["first", "dear", "cheap"]


def test_call_waits_for_others_to_end_when_all_points_are_under_way():
    async def scene(clock):
        budget = WindowBudget(Allowance(points=10, requests=99, seconds=60.0), clock=clock)
        first = await budget.acquire(10)
        second = asyncio.create_task(budget.acquire(1))
        await asyncio.sleep(30)
        assert not second.done()
        first.release()
        (await second).release()
        return clock.monotonic() - 1000

    assert play(scene) == pytest.approx(90)


def test_everybody_pauses_when_the_limit_was_reached_all_the_same():
    async def scene(clock):
        told = []
        budget = WindowBudget(clock=clock, hook=told.append)
        async with await budget.acquire(1):
            pass
        budget.observe(Response(status=429, headers={"retry-after": "17"}))
        (await budget.acquire(1)).release()
        return clock.monotonic() - 1000, told

    seconds, told = play(scene)

    assert seconds == pytest.approx(17)
    assert told == [Paused(seconds=17.0, status=429)]


def test_slot_is_given_back_when_waiting_is_cancelled():
    async def scene(clock):
        budget = WindowBudget(
            Allowance(points=1, requests=9, seconds=60.0), clock=clock, concurrency=1
        )
        (await budget.acquire(1)).release()
        waiting = asyncio.create_task(budget.acquire(1))
        await asyncio.sleep(1)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        permit = await budget.acquire(0)
        permit.release()
        permit.release()
        return budget.available

    assert play(scene) == 0


def test_call_is_refused_when_it_costs_more_than_a_window_has():
    async def scene(clock):
        with pytest.raises(InvalidCallError, match="101 points can never be made: 100"):
            await WindowBudget(Allowance(points=100), clock=clock).acquire(101)

    play(scene)


def test_points_come_back_a_window_after_the_answer_when_nothing_is_said():
    async def scene(clock):
        budget = WindowBudget(Allowance(points=10, seconds=60.0), clock=clock)
        async with await budget.acquire(4):
            await asyncio.sleep(5)
        budget.observe(Broken(by="timeout", detail="", may_have_arrived=True))
        seen = []
        for seconds in (59, 2):
            await asyncio.sleep(seconds)
            seen.append(budget.available)
        return seen

    assert play(scene) == [6, 10]


@pytest.mark.parametrize(
    ("reset", "date", "left"),
    [
        (EPOCH.timestamp() + 30, EPOCH, 31),
        (EPOCH.timestamp() * 1000 + 30_000, EPOCH, 31),
        (EPOCH.timestamp() + 30, None, 31),
        (EPOCH.timestamp() - 30, EPOCH, None),
        ("soon", EPOCH, None),
        ("nan", EPOCH, None),
        ("inf", EPOCH, None),
    ],
    ids=["seconds", "milliseconds", "no date", "past", "text", "nan", "infinite"],
)
def test_reset_is_read_on_the_clock_of_the_server(reset, date, left):
    headers = {"x-ratelimit-reset": str(reset)}
    if date is not None:
        headers["date"] = format_datetime(date, usegmt=True)
    now = EPOCH if date is None else EPOCH + timedelta(days=4)

    assert seconds_to_reset(Response(status=200, headers=headers), now=now) == left


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_nothing_breaks_when_the_headers_are_junk(reset, remaining, date):
    async def scene(clock):
        budget = WindowBudget(clock=clock)
        headers = {"x-ratelimit-reset": reset, "x-ratelimit-remaining": remaining, "date": date}
        budget.observe(Response(status=429, headers=headers))
        (await budget.acquire(1000)).release()

    play(scene)
