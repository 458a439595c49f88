"""The types a user of the learning path client sees. Checked, never run."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, assert_type

from aiobadges import Call, Reply, ThoughtIndustriesClient, UnknownVariant
from aiobadges.thought_industries.models import (
    CourseProgress,
    CriterionProgress,
    LearningPathCreated,
    LearningPathDetail,
    LearningPathSummary,
    MeetingAttendee,
    MilestoneCompletion,
    MilestoneDetail,
    MilestoneInput,
    MilestoneOutline,
    QuizPage,
)
from aiobadges.thought_industries.resources.courses import PROGRESS


async def paths(client: ThoughtIndustriesClient, milestones: Sequence[MilestoneInput]) -> None:
    path = await client.learning_paths.by_slug("a")
    assert_type(path, LearningPathDetail | None)
    if path is not None:
        assert_type(path.name, str)
        assert_type(path.created_at, datetime | None)
        assert_type(path.milestones, list[MilestoneOutline | None] | None)
    assert_type(await client.learning_paths.summary("a"), LearningPathSummary | None)
    made = await client.learning_paths.create("Onboarding", milestones, language="en")
    assert_type(made, LearningPathCreated)
    assert_type(await client.learning_paths.archive("p"), str | None)
    assert_type(await client.learning_paths.update_access("a", "started"), bool)
    assert_type(await client.milestones.get("m"), MilestoneDetail | None)
    assert_type(await client.milestones.completions("a"), list[MilestoneCompletion] | None)
    await client.learning_paths.create("Onboarding", ["first"])  # type: ignore[list-item]


async def courses(client: ThoughtIndustriesClient) -> None:
    learner = client.acting_as("token")
    assert_type(learner, ThoughtIndustriesClient)
    assert_type(await learner.courses.progress("c"), CourseProgress | None)
    assert_type(await learner.courses.completion_progress("c"), list[CriterionProgress] | None)
    for page in await learner.courses.completed_pages("c"):
        if isinstance(page, QuizPage):
            assert_type(page.min_passing_percent, int | None)
        elif isinstance(page, UnknownVariant):
            assert_type(page.tag, str | None)
        else:
            assert_type(page.title, str | None)
    done = await learner.courses.update_status(
        "completed", slug="c", status_change_date=datetime.now(UTC)
    )
    assert_type(done, bool)
    await learner.courses.update_status("completed", slug=None)  # type: ignore[arg-type]
    attendee = await client.meetings.set_attendance("u", "m", attended=True)
    assert_type(attendee, MeetingAttendee)


async def anything(client: ThoughtIndustriesClient) -> None:
    assert_type(await client.execute("{ a }", {"a": 1}), dict[str, Any])
    reply = await client.send(Call(operation=PROGRESS, body={"id": "c"}))
    assert_type(reply, Reply[CourseProgress | None])
