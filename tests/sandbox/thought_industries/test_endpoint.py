"""The endpoint: what it wants to be sent, what it counts, and how it fails on demand."""

import json
import subprocess
import sys
import time

import pytest

from aiobadges.sandbox import PointLimits, RateLimit, SandboxThread
from aiobadges.sandbox.thought_industries.meter import Meter
from aiobadges.sandbox.thought_industries.seed import (
    ANA_TOKEN,
    BEN_TOKEN,
    FIRE_SAFETY,
    LAB_SAFETY_SLUG,
)

PATH = 'query { LearningPathBySlug(slug: "lab-safety") { id name } }'
PROGRESS = "query($id: ID!) { UserCourseProgress(id: $id) { percentComplete } }"
START = 'mutation { UpdateCourseStatus(id: "course-fire-safety", status: "started") }'


@pytest.mark.parametrize("key", [None, "", "wrong"])
async def test_answer_is_an_empty_401_when_the_key_is_not_right(ask, key):
    answered = await ask(PATH, key=key)

    assert (answered.status, answered.body) == (401, None)


async def test_answer_is_an_empty_401_when_the_key_comes_as_a_bearer_token(ask):
    assert (
        await ask(PATH, key=None, headers={"Authorization": "Bearer sandbox-api-key"})
    ).status == 401


async def test_answer_is_401_when_the_learner_is_unknown(ask):
    answered = await ask(PATH, token="nobody")

    assert (answered.status, answered.code) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"query { x }",
        b"[]",
        b'[{"query": "{ x }"}]',
        {"variables": {}},
        {"query": 5},
        {"query": PATH, "variables": []},
        {"query": PATH, "user": "somebody@example.edu"},
        {"query": "query {"},
        {"query": "query { NoSuchField }"},
        {"query": "query($slug: Slug!) { LearningPathBySlug(slug: $slug) { id } }"},
        {"query": "query A { Milestone(id: 1) { id } } query B { Milestone(id: 1) { id } }"},
        {"query": PATH, "operationName": "Other"},
        {"query": "fragment F on Query { __typename }"},
    ],
    ids=lambda body: str(body)[:40],
)
async def test_answer_is_400_with_errors_and_no_data_when_the_request_is_none(ask, body):
    answered = await ask("", body=body, headers={"Content-Type": "application/json"})

    assert answered.status == 400
    assert answered.body["errors"][0]["message"]
    assert "data" not in answered.body


async def test_answer_is_400_when_the_body_is_not_said_to_be_json(ask):
    assert (await ask(PATH, headers={"Content-Type": "text/plain"})).status == 400


async def test_operation_is_chosen_by_its_name_when_there_are_several(ask):
    query = 'query A { a: Milestone(id: "x") { id } } query B { b: Milestone(id: "y") { id } }'

    answered = await ask("", body={"query": query, "operationName": "B"})

    assert answered.data == {"b": None}


async def test_only_post_is_answered(sandbox, session):
    async with session.get(f"{sandbox.url}/helium") as response:
        assert response.status == 405
        assert response.headers["Allow"] == "POST"
        assert "errors" in await response.json()


async def test_schema_can_be_asked_for(ask):
    answered = await ask('{ __schema { queryType { name } } __type(name: "Slug") { kind } }')

    assert answered.data == {
        "__schema": {"queryType": {"name": "Query"}},
        "__type": {"kind": "SCALAR"},
    }
    assert answered.headers["X-Complexity-Cost"] == "3"


@pytest.mark.parametrize(
    ("query", "points"),
    [
        (PATH, 2),
        ('{ LearningPathBySlug(slug: "x") { id milestones { id name } } }', 4),
        (
            '{ LearningPathBySlug(slug: "x") { ...F ...F } } fragment F on LearningPath { id name }',
            4,
        ),
        ("{ a: Milestone(id: 1) { id } b: Milestone(id: 1) { id } }", 2),
        ('{ UserCourseProgress(id: "c") { totalViews totalTime percentComplete } }', 3 + 5),
        ('{ PagesCompletedByCourse(courseId: "c") { __typename ... on TextPage { id } } }', 2 + 3),
        (
            '{ PagesCompletedByCourse(courseId: "c") { ... on QuizPage { questions { id } } } }',
            2 + 3 + 3,
        ),
        ("query { ...Q } fragment Q on Query { Milestone(id: 1) { id } }", 1),
        ("{ ... { Milestone(id: 1) { id } } }", 1),
        ('mutation { ArchiveUserCourse(id: "c") }', 0),
        (
            """mutation { UpdateUserCourseMeetingAttendance(
              userId: "user-ana", meetingId: "meeting-fire-drill", attended: true
            ) { id attendedMeetings { attendanceDate } } }""",
            3 + 3,
        ),
    ],
)
async def test_query_costs_a_point_a_property_and_the_surcharges(sandbox, ask, query, points):
    answered = await ask(query)

    assert answered.status == 200
    assert answered.headers["X-Complexity-Cost"] == str(points)
    assert answered.headers["X-Complexity-Limit"] == "1000"
    assert answered.headers["X-RateLimit-Remaining"] == str(100_000 - points)
    assert 59 <= int(answered.headers["X-RateLimit-Reset"]) - time.time() <= 61
    assert sandbox.learning.meter.points == points


async def test_query_is_refused_when_it_costs_too_much(sandbox, ask):
    many = "".join(f"a{n}: Milestone(id: {n}) {{ id name kind }} " for n in range(334))

    answered = await ask("{" + many + "}")

    assert answered.status == 400
    assert "costs 1002 points" in answered.body["errors"][0]["message"]
    assert sandbox.learning.meter.requests == 0


@pytest.mark.parametrize(
    "limits", [PointLimits(points=5, seconds=30), PointLimits(requests=2, seconds=30)]
)
async def test_answer_is_429_until_the_window_ends_when_the_limit_is_reached(start, ask, limits):
    sandbox = await start(point_limits=limits)

    answers = [await ask(PATH, of=sandbox) for _ in range(3)]

    assert [one.status for one in answers] == [200, 200, 429]
    assert 29 <= int(answers[2].headers["Retry-After"]) <= 30
    assert answers[2].body["error"] == "rate_limit_exceeded"
    assert sandbox.learning.meter.as_json() == {
        "points": 4,
        "requests": 2,
        "refused": 1,
        "most_points": 4,
        "most_requests": 2,
        "cookies": 0,
    }


def test_window_begins_with_its_first_query_and_ends_whatever_happens():
    now = [100.0]
    meter = Meter(PointLimits(points=10, requests=9, seconds=60), lambda: now[0])
    seen = []
    for seconds, cost in ((0, 6), (59, 4), (0.5, 1), (0.5, 6), (70, 10)):
        now[0] += seconds
        admission = meter.admit(cost)
        seen.append((admission.is_admitted, admission.remaining, admission.seconds))

    assert seen == [(True, 4, 60), (True, 0, 1), (False, 0, 0.5), (True, 4, 60), (True, 0, 60)]
    assert (meter.most_points, meter.points, meter.refused) == (10, 26, 1)


def test_points_are_used_up_when_another_system_spends_them():
    meter = Meter(PointLimits(points=10), lambda: 0.0)
    meter.spend(8)

    assert [meter.admit(cost).is_admitted for cost in (3, 2)] == [False, True]


@pytest.mark.parametrize("wrong", [{"points": 0}, {"requests": 0}, {"query": 0}, {"seconds": 0}])
def test_limits_are_refused_when_they_allow_nothing(wrong):
    with pytest.raises(ValueError, match="at least 1"):
        PointLimits(**wrong)


async def test_cookie_is_given_and_acted_on_when_it_comes_back(sandbox, ask):
    await ask(START)
    given = (await ask(PATH, token=BEN_TOKEN)).headers["Set-Cookie"]
    bled = await ask(
        PROGRESS, id=FIRE_SAFETY, token=None, headers={"Cookie": f"authToken={ANA_TOKEN}"}
    )

    assert given == f"authToken={BEN_TOKEN}; Path=/; HttpOnly"
    assert bled.only == {"percentComplete": 0}
    assert sandbox.learning.meter.cookies == 1


async def test_no_cookie_is_given_when_nobody_acts(ask):
    assert "Set-Cookie" not in (await ask(PATH, token=None)).headers


@pytest.mark.parametrize("cookie", ["other=1", "authToken", "=;,"])
async def test_cookie_is_counted_when_it_names_nobody(sandbox, ask, cookie):
    answered = await ask(PATH, token=None, headers={"Cookie": cookie})

    assert answered.status == 200
    assert sandbox.learning.meter.cookies == 1


async def test_requests_are_counted_by_what_they_ask_for(sandbox, ask):
    await ask(PATH)
    await ask(PATH)
    await ask(START)
    await ask("query {")
    await ask('{ a: Milestone(id: 1) { id } LearningPathBySlug(slug: "x") { id } }')

    assert sandbox.counters.by_operation == {
        "learning_paths.by_slug": 2,
        "courses.update_status": 1,
        "helium": 2,
    }


async def test_one_operation_goes_wrong_when_it_is_named(sandbox, ask):
    sandbox.faults.next("courses.update_status", "after_work")
    sandbox.faults.next("learning_paths.by_slug", "refused")
    sandbox.faults.next("helium", "unauthorized")

    refused = await ask(PATH)
    async with ask_raw(ask, START) as status:
        assert status == 500
    odd = await ask("{ __typename }")

    assert (refused.status, refused.body["data"], refused.code) == (200, None, "BAD_USER_INPUT")
    assert (odd.status, odd.body) == (401, None)
    assert (await ask(PROGRESS, id=FIRE_SAFETY)).only == {"percentComplete": 0}


def ask_raw(ask, query):
    """Ask for what answers with a page of HTML."""
    from contextlib import asynccontextmanager

    import aiohttp

    @asynccontextmanager
    async def asking():
        try:
            await ask(query)
        except aiohttp.ContentTypeError as error:
            yield error.status

    return asking()


async def test_rate_limit_of_the_sandbox_holds_here_too(start, ask):
    sandbox = await start(rate_limit=RateLimit(1, 600.0))
    await ask(PATH, of=sandbox)

    answered = await ask(PATH, of=sandbox)

    assert answered.status == 429
    assert answered.body["error"] == "rate_limit_exceeded"


async def test_what_was_spent_is_seen_from_outside(sandbox, session, ask):
    await ask(PATH)

    async with session.get(f"{sandbox.url}/_sandbox/learning") as response:
        seen = await response.json()

    assert (seen["points"], seen["requests"], seen["api_key"]) == (2, 1, "sandbox-api-key")


def test_learners_are_added_from_another_thread():
    with SandboxThread() as sandbox:
        assert sandbox.add_learner("cleo@example.edu").startswith("learner-token-")
        assert sandbox.learning.api_key == "sandbox-api-key"


def test_only_graphql_is_lacking_when_graphql_core_is():
    program = """
import asyncio, json, sys
sys.modules["graphql"] = None
import aiohttp
from aiobadges.sandbox import TOKEN, Sandbox

async def main():
    async with Sandbox() as sandbox, aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with session.get(f"{sandbox.url}/v2/issuers", headers=headers) as response:
            badges = response.status
        url = f"{sandbox.url}/helium?apiKey={sandbox.learning.api_key}"
        async with session.post(url, json={"query": "{ __typename }"}) as response:
            print(json.dumps([badges, response.status, await response.json()]))

asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    badges, status, body = json.loads(done.stdout)
    assert (badges, status) == (200, 501)
    assert "pip install 'aiobadges[sandbox]'" in body["errors"][0]["message"]


def test_graphql_is_not_loaded_when_nobody_asks_for_it():
    program = "import sys; from aiobadges.sandbox import Sandbox; Sandbox(); print('graphql' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "False"


async def test_slug_of_the_seed_is_the_one_in_the_documentation(ask):
    assert LAB_SAFETY_SLUG in PATH
    assert (await ask(PATH)).only["name"] == "Lab Safety"
