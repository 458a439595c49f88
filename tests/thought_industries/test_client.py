"""The client on real sockets: every operation, learners apart, limits, errors, and no secret shown."""

import asyncio
import json
import logging
import pickle
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import aiobadges
from aiobadges.errors import (
    BadgesError,
    BadResponseError,
    InsecureUrlError,
    InvalidCallError,
    NotFoundError,
    OutcomeUnknownError,
    RejectedError,
    ServerError,
    UnauthorizedError,
)
from aiobadges.sandbox import PointLimits, Sandbox
from aiobadges.sandbox.thought_industries.seed import (
    ANA,
    ANA_TOKEN,
    API_KEY,
    BEN_TOKEN,
    FIRE_DRILL,
    FIRE_SAFETY,
    LAB_SAFETY,
    LAB_SAFETY_SLUG,
)
from aiobadges.thought_industries import ThoughtIndustriesClient, make_converter, models
from aiobadges.thought_industries.models import (
    CriterionProgress,
    LearningPathCreated,
    MilestoneCourseInput,
    MilestoneInput,
    MilestoneRequirement,
    QuizPage,
    TextPage,
    TopicType,
    VideoPage,
)
from aiobadges.thought_industries.resources.courses import PROGRESS
from aiobadges.transport.budget import Allowance, WindowBudget
from aiobadges.values import Secret, UnknownVariant
from aiobadges.wire.operation import Call

PAGES = ("why", "film", "quiz")
CATALOG = Path(models.__file__).parents[1] / "catalog.json"
SAMPLES = {
    one["id"]: one["examples"]["python"]
    for one in json.loads(CATALOG.read_text(encoding="utf-8"))["operations"]
}


@pytest.fixture
async def sandbox():
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def client(sandbox):
    async with ThoughtIndustriesClient(host=sandbox.url, api_key=API_KEY) as client:
        yield client


@pytest.fixture
def ana(client):
    return client.acting_as(ANA_TOKEN)


async def complete(learner, course="fire-safety", pages=PAGES):
    for page in pages:
        await learner.topics.update_progress(f"page-{course}-{page}", 100)


# Every operation ----------------------------------------------------------------------------------


async def test_learning_path_has_its_milestones(client):
    path = await client.learning_paths.by_slug(LAB_SAFETY_SLUG)

    assert path is not None
    assert (path.id, path.name, path.status) == (LAB_SAFETY, "Lab Safety", "published")
    assert path.created_at == datetime(2025, 1, 1, tzinfo=UTC)
    first, second = path.milestones
    assert [item.content_title for item in first.milestone_courses] == [
        "Fire Safety",
        "Handling Chemicals",
    ]
    assert second.milestone_courses[0].requirement is MilestoneRequirement.ELECTIVE


async def test_summary_is_the_smaller_selection_of_the_same(sandbox, client):
    whole = await client.learning_paths.by_slug(LAB_SAFETY_SLUG)
    spent = sandbox.learning.meter.points
    summary = await client.learning_paths.summary(LAB_SAFETY_SLUG)

    assert summary.name == whole.name
    assert [one.id for one in summary.milestones] == [one.id for one in whole.milestones]
    assert (spent, sandbox.learning.meter.points - spent) == (111, 31)


async def test_none_is_given_when_there_is_no_such_thing(client):
    assert await client.learning_paths.by_slug("none") is None
    assert await client.learning_paths.summary("none") is None
    assert await client.milestones.get("none") is None


async def test_learning_path_is_made_of_milestones(client):
    milestone = MilestoneInput(
        name="First",
        milestone_courses=[
            MilestoneCourseInput(content_id=FIRE_SAFETY, requirement=MilestoneRequirement.REQUIRED)
        ],
    )
    made = await client.learning_paths.create("Onboarding", [milestone], language="en")

    assert isinstance(made, LearningPathCreated)
    assert (made.slug, made.status, made.language) == ("onboarding", "draft", "en")
    assert made.milestones[0].milestone_courses[0].content_title == "Fire Safety"
    assert (await client.learning_paths.by_slug("onboarding")).name == "Onboarding"


async def test_access_to_a_learning_path_is_set(ana):
    assert await ana.learning_paths.update_access(LAB_SAFETY_SLUG, "started") is True


async def test_archiving_says_whether_it_was_done(ana):
    await ana.learning_paths.update_access(LAB_SAFETY_SLUG, "started")
    await complete(ana, pages=PAGES[:1])
    for resource, key in ((ana.learning_paths, LAB_SAFETY), (ana.courses, FIRE_SAFETY)):
        assert await resource.reinstate(key) is None
        assert await resource.archive(key) == key
        assert await resource.archive(key) is None
        assert await resource.reinstate(key) == key


async def test_milestone_is_given_with_its_path_and_contents(client):
    milestone = await client.milestones.get("milestone-before")

    assert milestone.learning_path.slug == LAB_SAFETY_SLUG
    assert [card.title for card in milestone.content_items] == ["Fire Safety", "Handling Chemicals"]
    assert milestone.completion_criteria[0].threshold == 2


async def test_completing_pages_completes_courses_milestones_and_the_path(ana):
    assert await ana.milestones.completions(LAB_SAFETY_SLUG) == []
    await complete(ana)
    await complete(ana, "chemicals", ("rules", "quiz"))

    (completion,) = [
        one for one in await ana.milestones.completions(LAB_SAFETY_SLUG) if one.milestone
    ]

    assert completion.milestone.name == "Before the first day"
    assert completion.user.email == "ana@example.edu"
    assert datetime.now(UTC) - completion.timestamp < timedelta(minutes=1)
    assert (await ana.courses.progress(FIRE_SAFETY)).percent_complete == 100


async def test_completed_pages_are_told_apart(ana):
    await complete(ana)

    text, video, quiz = await ana.courses.completed_pages(FIRE_SAFETY)

    assert (type(text), type(video), type(quiz)) == (TextPage, VideoPage, QuizPage)
    assert (video.asset, quiz.min_passing_percent) == ("video-0001", 70)
    assert text.type is TopicType.TEXT


async def test_progress_on_criteria_is_given(ana):
    await complete(ana, pages=PAGES[:1])

    percent, topics = await ana.courses.completion_progress(FIRE_SAFETY)

    assert isinstance(percent, CriterionProgress)
    assert (percent.percent, topics.completed) == (33, ["page-fire-safety-why"])


@pytest.mark.parametrize(
    "named", [{"id": FIRE_SAFETY}, {"slug": "fire-safety"}, {"sku": "SKU-FIRE-SAFETY"}]
)
async def test_status_of_a_course_is_set_by_any_of_its_names(ana, named):
    since = datetime(2026, 1, 1, tzinfo=UTC)

    assert await ana.courses.update_status("completed", status_change_date=since, **named) is True
    assert (await ana.courses.progress(FIRE_SAFETY)).percent_complete == 100


async def test_attendance_is_recorded_and_taken_back(client):
    user = await client.meetings.set_attendance(ANA, FIRE_DRILL, attended=True)

    (meeting,) = user.attended_meetings
    assert meeting.meeting.title == "Fire drill"
    assert (meeting.attendance_date.hour, meeting.attendance_date.tzinfo) == (0, UTC)
    user = await client.meetings.set_attendance(
        ANA, FIRE_DRILL, attended=False, course_id=FIRE_SAFETY
    )
    assert user.attended_meetings == []


@pytest.mark.parametrize("sample", SAMPLES)
async def test_sample_of_the_catalog_runs_as_it_stands(ana, sample):
    lines = "".join(f"    {line}\n" for line in SAMPLES[sample].splitlines())
    scope = vars(models).copy() | {name: getattr(models, name) for name in models.__all__}
    exec(f"async def call(client):\n{lines}", scope)  # noqa: S102 - our own samples

    await scope["call"](ana)


async def test_any_other_document_is_executed(client):
    document = "query($slug: Slug!) { LearningPathBySlug(slug: $slug) { sku layoutId } }"

    data = await client.execute(document, {"slug": LAB_SAFETY_SLUG})

    assert data == {"LearningPathBySlug": {"sku": None, "layoutId": None}}
    with pytest.raises(RejectedError, match="Cannot query field 'Nothing'"):
        await client.execute("{ Nothing }")
    with pytest.raises(InvalidCallError, match="the document is empty"):
        await client.execute(" ")
    with pytest.raises(InvalidCallError, match="cannot be written as JSON"):
        await client.execute(document, {"slug": object()})
    with pytest.raises(InvalidCallError, match="less than 0"):
        await client.execute(document, points=-1)
    with pytest.raises(InvalidCallError, match="can never be made"):
        await client.execute(document, points=100_001)


@pytest.mark.parametrize(
    ("document", "error", "sent"),
    [
        ("{ UserCourseProgress(id: 1) { totalTime } }", ServerError, 3),
        (
            'mutation { UpdateTopicAndCourseProgress(topicId: "x", progress: 1) }',
            OutcomeUnknownError,
            1,
        ),
    ],
)
async def test_document_of_ones_own_is_repeated_only_without_a_mutation(
    sandbox, client, document, error, sent
):
    name = "courses.progress" if sent > 1 else "topics.update_progress"
    sandbox.faults.next(name, "before_work", times=3)

    with pytest.raises(error):
        await client.execute(document)

    assert sandbox.counters.of(name) == sent


async def test_unknown_member_of_a_union_keeps_its_data():
    page = {"__typename": "HologramPage", "id": "1", "depth": {"metres": 2}}
    converter = make_converter()
    assert converter.structure(page, models.CompletedPage) == UnknownVariant(
        tag="HologramPage", raw=page
    )


async def test_whole_reply_is_given_when_it_is_asked_for(ana):
    reply = await ana.send(Call(operation=PROGRESS, body={"id": FIRE_SAFETY}))

    assert reply.status == 200
    assert reply.headers["x-complexity-cost"] == "8"
    assert "set-cookie" not in reply.headers


# Learners -----------------------------------------------------------------------------------------


async def test_learners_are_kept_apart_when_they_act_at_once(sandbox, client):
    tokens = [sandbox.learning.add_learner(f"learner-{n}@example.edu") for n in range(60)]
    learners = [client.acting_as(token) for token in tokens]

    await asyncio.gather(
        *(
            one.topics.update_progress("page-fire-safety-why", number)
            for number, one in enumerate(learners)
        )
    )
    seen = await asyncio.gather(*(one.courses.progress(FIRE_SAFETY) for one in learners))

    assert [one.percent_complete for one in seen] == [number // 3 for number in range(60)]
    assert await client.courses.progress(FIRE_SAFETY) is None
    assert sandbox.learning.meter.cookies == 0


async def test_nobody_acts_after_somebody_did(client, ana):
    await complete(ana)
    with pytest.raises(UnauthorizedError, match="no learner acts"):
        await client.topics.update_progress("page-fire-safety-why", 1)
    ben = ana.acting_as(Secret(BEN_TOKEN))
    assert await ben.courses.progress(FIRE_SAFETY) is None
    assert (await ana.courses.progress(FIRE_SAFETY)).percent_complete == 100


async def test_client_may_act_as_one_learner_from_the_start(sandbox):
    async with ThoughtIndustriesClient(
        host=sandbox.url, api_key=API_KEY, auth_token=ANA_TOKEN
    ) as ana:
        assert await ana.topics.update_progress("page-fire-safety-why", 1) is True


async def test_derived_clients_are_not_closed(client, ana):
    async with ana.with_options(attempts=1, deadline=5) as quick:
        with pytest.raises(InvalidCallError, match="derived"):
            await quick.aclose()
    assert await client.learning_paths.summary(LAB_SAFETY_SLUG) is not None
    with pytest.raises(InvalidCallError, match="what no header can"):
        client.acting_as("")


# Limits -------------------------------------------------------------------------------------------


async def test_500_learners_fetched_at_once_stay_inside_both_limits():
    limits = PointLimits(points=2_000, requests=150, seconds=0.5)
    async with Sandbox(point_limits=limits) as sandbox:
        tokens = [sandbox.learning.add_learner(f"learner-{n}@example.edu") for n in range(500)]
        budget = WindowBudget(Allowance(points=2_000, requests=150, seconds=0.5))
        async with ThoughtIndustriesClient(
            host=sandbox.url, api_key=API_KEY, limiter=budget
        ) as client:
            found = await asyncio.gather(
                *(
                    client.acting_as(token).courses.completion_progress(FIRE_SAFETY)
                    for token in tokens
                )
            )
        meter = sandbox.learning.meter

    assert len(found) == 500
    assert (meter.requests, meter.points, meter.refused) == (500, 500 * 9, 0)
    assert meter.most_points <= 2_000
    assert meter.most_requests <= 150


async def test_500_learners_are_one_burst_within_the_limits_of_the_vendor(sandbox, client):
    tokens = [sandbox.learning.add_learner(f"learner-{n}@example.edu") for n in range(500)]

    await asyncio.gather(
        *(client.acting_as(token).courses.progress(FIRE_SAFETY) for token in tokens)
    )

    meter = sandbox.learning.meter
    assert (meter.most_requests, meter.most_points, meter.refused) == (500, 4_000, 0)


# Arguments ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda c: c.courses.update_status("started"), "exactly one of id, slug and sku"),
        (lambda c: c.courses.update_status("started", id="1", slug="a"), "exactly one of"),
        (lambda c: c.courses.update_status("done", id="1"), "there is no status 'done'"),
        (
            lambda c: c.courses.update_status(
                "started", id="1", status_change_date=datetime.now(UTC) + timedelta(days=1)
            ),
            "lies in the future",
        ),
        (lambda c: c.learning_paths.update_access("a", "completed"), "no status 'completed'"),
        (lambda c: c.learning_paths.create("Empty", []), "needs a milestone"),
        (lambda c: c.learning_paths.by_slug(" "), "slug is empty"),
        (lambda c: c.topics.update_progress("1", 101), "from 0 to 100"),
        (lambda c: c.topics.update_progress("1", -1), "from 0 to 100"),
    ],
)
async def test_rule_of_the_vendor_is_checked_before_anything_is_sent(
    sandbox, client, call, complaint
):
    with pytest.raises(InvalidCallError, match=complaint) as caught:
        await call(client)

    assert caught.value.site.attempts == 0
    assert sandbox.learning.meter.requests == 0


# Errors -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", ["after_work", "drop_after_work", "cut_body", "html", "before_work"]
)
async def test_outcome_is_unknown_when_a_mutation_fails_unclearly(sandbox, ana, fault):
    sandbox.faults.next("courses.update_status", fault)

    with pytest.raises(OutcomeUnknownError) as caught:
        await ana.courses.update_status("completed", slug="fire-safety")

    assert caught.value.site.operation == "courses.update_status"
    assert sandbox.counters.of("courses.update_status") == 1


async def test_error_says_what_is_wrong_and_where(client, ana):
    with pytest.raises(NotFoundError, match="there is no such topic") as caught:
        await ana.topics.update_progress("none", 1)

    error = caught.value
    assert error.site.template == "/helium"
    assert error.field_errors == {"UpdateTopicAndCourseProgress": ("there is no such topic",)}
    with pytest.raises(NotFoundError):
        await client.meetings.set_attendance("nobody", FIRE_DRILL, attended=True)


async def test_answer_that_cannot_be_read_says_where(sandbox, client):
    sandbox.faults.next("learning_paths.by_slug", "html", times=3)

    with pytest.raises(BadResponseError, match="is HTML"):
        await client.learning_paths.by_slug(LAB_SAFETY_SLUG)


@pytest.mark.parametrize("fault", [None, "before_work", "drop_before_work", "html", "cut_body"])
async def test_neither_key_nor_token_is_shown_whatever_happens(sandbox, caplog, fault):
    caplog.set_level(logging.DEBUG)
    key, token = "CANARY-TOKEN-0815", "CANARY-TOKEN-learner-0815"
    if fault is not None:
        sandbox.faults.next("courses.progress", fault, times=3)
    events = []
    async with ThoughtIndustriesClient(
        host=sandbox.url, api_key=key, hooks=[events.append]
    ) as client:
        learner = client.acting_as(token)
        with pytest.raises(BadgesError) as caught:
            await learner.courses.progress(FIRE_SAFETY)
        shown = [repr(one) for one in (client, learner, client.settings, vars(client), events)]
        shown += [repr(one) for one in (learner.session.dialect, vars(learner.session.dialect))]
        for secretive in (client.settings, learner):
            with pytest.raises(TypeError):
                pickle.dumps(secretive)

    shown += traceback.format_exception(caught.value)
    shown += [caplog.text, repr(caplog.records), repr(caught.value)]
    shown.append(pickle.dumps(caught.value).decode("latin-1"))
    assert "CANARY" not in "".join(shown)


# Making -------------------------------------------------------------------------------------------


def test_client_is_made_from_the_environment():
    client = ThoughtIndustriesClient.from_env(
        environ={"AIOBADGES_TI_HOST": "acme.example.com", "AIOBADGES_TI_API_KEY": "key"}
    )

    assert client.settings.base_url == "https://acme.example.com"
    assert client.settings.api_key == Secret("key")
    assert repr(client) == "<ThoughtIndustriesClient https://acme.example.com>"


@pytest.mark.parametrize(
    ("arguments", "error", "complaint"),
    [
        ({}, InvalidCallError, "no host is given"),
        ({"host": "acme.example.com"}, InvalidCallError, "no API key"),
        ({"host": "http://acme.example.com", "api_key": "k"}, InsecureUrlError, "plain http"),
        ({"host": "acme.example.com", "api_key": "k", "concurrency": 0}, InvalidCallError, "at least 1"),
        ({"host": "acme.example.com/?a=1", "api_key": "k"}, InvalidCallError, "a query"),
    ],
)  # fmt: skip
def test_client_is_refused_when_it_could_not_work(arguments, error, complaint):
    with pytest.raises(error, match=complaint):
        ThoughtIndustriesClient(**arguments)


def test_client_is_in_the_face_of_the_package():
    assert aiobadges.ThoughtIndustriesClient is ThoughtIndustriesClient


async def test_session_keeps_to_its_origin(client):
    other = ThoughtIndustriesClient(host="acme.example.com", api_key="k")

    with pytest.raises(InvalidCallError, match="one origin only"):
        client.session.speaking(other.session.dialect)
    await other.aclose()
