"""The dialect and the budget on real sockets: a session against a sandbox that counts."""

import asyncio
import logging
import pickle
import traceback

import attrs
import pytest

from aiobadges.errors import (
    BadgesError,
    BadRequestError,
    ConnectError,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitedError,
    UnauthorizedError,
)
from aiobadges.sandbox import PointLimits, Sandbox
from aiobadges.sandbox.thought_industries.seed import ANA_TOKEN, BEN_TOKEN, FIRE_SAFETY
from aiobadges.thought_industries.dialect import ThoughtIndustriesDialect
from aiobadges.transport.auth.tokens import NoToken
from aiobadges.transport.budget import Allowance, WindowBudget
from aiobadges.transport.exchange import HttpExchange
from aiobadges.transport.session import Session
from aiobadges.values import Secret
from aiobadges.wire.codec import Codec, build_converter
from aiobadges.wire.operation import Call, Operation
from aiobadges.wire.retry import RetryPolicy

AT_ONCE = RetryPolicy(base=0.0)


@attrs.define(slots=True, kw_only=True)
class CourseProgress:
    percent_complete: int | None = attrs.field(default=None, metadata={"wire": "percentComplete"})
    total_views: int | None = attrs.field(default=None, metadata={"wire": "totalViews"})


def operation(of, document, *, idempotent=True, **settings):
    return Operation(
        id=of,
        method="POST",
        template="/helium",
        idempotent=idempotent,
        document=document,
        **{"unwrap": "one", "may_be_empty": True} | settings,
    )


PROGRESS = operation(
    "courses.progress",
    "query($id: ID!) { UserCourseProgress(id: $id) { percentComplete totalViews } }",
    result="CourseProgress",
    cost=7,
)
RECORD = operation(
    "topics.update_progress",
    """mutation($topicId: ID!, $progress: Int!) {
      UpdateTopicAndCourseProgress(topicId: $topicId, progress: $progress) }""",
    idempotent=False,
    result="bool",
    cost=0,
)
EXECUTE = operation("execute", "{ NoSuchField }", unwrap="bare")


@pytest.fixture
async def connect():
    """Make a session for a sandbox; as Ana, unless somebody else is named."""
    sessions = []

    def connect(sandbox, *, learner=ANA_TOKEN, key=None, budget=None):
        dialect = ThoughtIndustriesDialect(
            sandbox.url,
            Secret(key or sandbox.learning.api_key),
            lambda: Codec(build_converter(), {"CourseProgress": CourseProgress}.__getitem__),
            learner=Secret(learner) if learner else None,
        )
        session = Session(
            dialect=dialect,
            http=HttpExchange(base_url=sandbox.url),
            tokens=NoToken(),
            limiter=budget or WindowBudget(),
            policy=AT_ONCE,
        )
        sessions.append(session)
        return session

    yield connect
    for session in sessions:
        await session.aclose()


@pytest.fixture
async def sandbox():
    async with Sandbox() as sandbox:
        yield sandbox


def progress(of=FIRE_SAFETY):
    return Call(operation=PROGRESS, body={"id": of})


def record(progress=100, topic="page-fire-safety-why"):
    return Call(operation=RECORD, body={"topicId": topic, "progress": progress})


async def test_what_is_written_is_read_by_the_same_learner_only(sandbox, connect):
    ana, ben = connect(sandbox), connect(sandbox, learner=BEN_TOKEN)

    assert (await ana.send(record())).result is True

    assert (await ana.send(progress())).result == CourseProgress(percent_complete=33, total_views=1)
    assert (await ben.send(progress())).result is None


async def test_learners_never_mix_when_many_act_at_once(sandbox, connect):
    tokens = [sandbox.learning.add_learner(f"learner-{n}@example.edu") for n in range(100)]
    sessions = [connect(sandbox, learner=token) for token in tokens]
    async with asyncio.TaskGroup() as group:
        for number, session in enumerate(sessions):
            group.create_task(session.send(record(progress=number)))

    seen = [(await session.send(progress())).result.percent_complete for session in sessions]

    assert seen == [number // 3 for number in range(100)]
    assert sandbox.learning.meter.cookies == 0


async def test_no_cookie_is_sent_back_when_the_server_sets_one(sandbox, connect):
    session = connect(sandbox)
    for _ in range(3):
        reply = await session.send(progress())

    assert sandbox.learning.meter.cookies == 0
    assert "set-cookie" not in reply.headers


async def test_500_learners_stay_inside_both_limits_when_fetched_at_once(connect):
    limits = PointLimits(points=1_000, requests=120, seconds=0.5)
    async with Sandbox(point_limits=limits) as sandbox:
        budget = WindowBudget(Allowance(points=1_000, requests=120, seconds=0.5))
        session = connect(sandbox, budget=budget)
        replies = await asyncio.gather(*(session.send(progress()) for _ in range(500)))
        meter = sandbox.learning.meter

    assert len(replies) == 500
    assert (meter.requests, meter.points, meter.refused) == (500, 3_500, 0)
    assert (meter.most_requests, meter.most_points) == (120, 840)


async def test_others_are_left_their_points_when_they_spend_them(connect):
    async with Sandbox(point_limits=PointLimits(points=100, seconds=7.0)) as sandbox:
        session = connect(sandbox, budget=WindowBudget(Allowance(points=100, seconds=7.0)))
        sandbox.learning.meter.spend(85)
        await asyncio.gather(*(session.send(progress()) for _ in range(2)))
        third = asyncio.create_task(session.send(progress()))
        _, waiting = await asyncio.wait([third], timeout=0.3)
        third.cancel()

        assert waiting == {third}
        assert sandbox.learning.meter.refused == 0


async def test_call_comes_through_when_the_limit_was_reached_all_the_same(connect):
    async with Sandbox(point_limits=PointLimits(requests=1, seconds=0.8)) as sandbox:
        session = connect(sandbox)
        await session.send(progress())

        assert (await session.send(record())).result is True
        assert sandbox.learning.meter.refused == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("after_work", OutcomeUnknownError),
        ("drop_after_work", OutcomeUnknownError),
        ("cut_body", OutcomeUnknownError),
        ("html", OutcomeUnknownError),
        ("before_work", OutcomeUnknownError),
        ("refused", BadRequestError),
        ("unauthorized", UnauthorizedError),
    ],
)
async def test_mutation_is_sent_once_and_its_outcome_is_not_guessed(sandbox, connect, fault, kind):
    sandbox.faults.next("topics.update_progress", fault)

    with pytest.raises(kind) as caught:
        await connect(sandbox).send(record())

    assert type(caught.value) is kind
    assert caught.value.site.operation == "topics.update_progress"
    assert sandbox.counters.of("topics.update_progress") == 1


@pytest.mark.parametrize("fault", ["before_work", "drop_before_work", "unavailable", "cut_body"])
async def test_query_is_sent_again_when_it_failed(sandbox, connect, fault):
    sandbox.faults.next("courses.progress", fault, retry_after=0)

    assert (await connect(sandbox).send(progress())).result is None
    assert sandbox.counters.of("courses.progress") == 2


async def test_mutation_is_sent_again_when_it_was_turned_away(sandbox, connect):
    sandbox.faults.next("topics.update_progress", "rate_limited", times=2, retry_after=0)

    assert (await connect(sandbox).send(record())).result is True
    sandbox.faults.next("topics.update_progress", "rate_limited", times=3, retry_after=0)
    with pytest.raises(RateLimitedError):
        await connect(sandbox).send(record())


@pytest.mark.parametrize(
    ("call", "kind", "complaint"),
    [
        (record(topic="none"), NotFoundError, "there is no such topic"),
        (Call(operation=EXECUTE), BadRequestError, "Cannot query field 'NoSuchField'"),
    ],
)
async def test_error_says_what_the_server_said(sandbox, connect, call, kind, complaint):
    with pytest.raises(kind, match=complaint):
        await connect(sandbox).send(call)


async def test_learner_is_asked_for_when_nobody_acts(sandbox, connect):
    with pytest.raises(UnauthorizedError, match="Check the API key, and the token"):
        await connect(sandbox, learner=None).send(record())


@pytest.mark.parametrize(
    "options", [{"key": "CANARY-TOKEN-key"}, {"learner": "CANARY-TOKEN-learner"}]
)
@pytest.mark.parametrize("fault", [None, "before_work", "drop_before_work", "html", "cut_body"])
async def test_neither_key_nor_token_is_shown_whatever_happens(
    *, sandbox, connect, caplog, options, fault
):
    caplog.set_level(logging.DEBUG)
    if fault is not None:
        sandbox.faults.next("courses.progress", fault, times=3)

    with pytest.raises(BadgesError) as caught:
        await connect(sandbox, **options).send(progress())

    shown = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(caught.value)
    shown += pickle.dumps(caught.value).decode("latin-1") + repr(caplog.records)
    assert "CANARY-TOKEN" not in shown
    assert sandbox.learning.api_key not in shown


async def test_neither_key_nor_token_is_shown_when_nobody_answers(sandbox, connect):
    session = connect(sandbox)
    await sandbox.aclose()

    with pytest.raises(ConnectError, match="no connection") as caught:
        await session.send(progress())

    shown = "".join(traceback.format_exception(caught.value))
    assert sandbox.learning.api_key not in shown
    assert ANA_TOKEN not in shown
