"""What every sandbox knows of learning: one path of two milestones, three courses, two learners.

None of it is written into a state file; what changes is, and then counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from aiobadges.sandbox.store import Record
from aiobadges.sandbox.thought_industries.records import (
    Client,
    Course,
    CourseCriterion,
    Criterion,
    Learner,
    LearningPath,
    Meeting,
    Milestone,
    MilestoneCourse,
    Page,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiobadges.sandbox.store import Table
    from aiobadges.sandbox.thought_industries.state import State

__all__ = [
    "ANA",
    "ANA_TOKEN",
    "API_KEY",
    "BEN",
    "BEN_TOKEN",
    "CLIENT",
    "FIRE_DRILL",
    "FIRE_SAFETY",
    "LAB_SAFETY",
    "LAB_SAFETY_SLUG",
    "sow",
]

R = TypeVar("R", bound=Record)

API_KEY: Final = "sandbox-api-key"
ANA_TOKEN: Final = "learner-token-ana"  # noqa: S105 - acts for somebody who does not exist
BEN_TOKEN: Final = "learner-token-ben"  # noqa: S105 - the same

CLIENT: Final = "client-example"
ANA: Final = "user-ana"
BEN: Final = "user-ben"
LAB_SAFETY: Final = "path-lab-safety"
LAB_SAFETY_SLUG: Final = "lab-safety"
FIRE_SAFETY: Final = "course-fire-safety"
FIRE_DRILL: Final = "meeting-fire-drill"

CREATED_AT: Final = "2025-01-01T00:00:00.000Z"

# Course, its title, and its pages: name, member and type.
COURSES: Final = (
    (
        "fire-safety",
        "Fire Safety",
        (("why", "TextPage", "text"), ("film", "VideoPage", "video"), ("quiz", "QuizPage", "quiz")),
    ),
    (
        "chemicals",
        "Handling Chemicals",
        (("rules", "TextPage", "text"), ("quiz", "QuizPage", "quiz")),
    ),
    ("lasers", "Lasers", (("film", "VideoPage", "video"),)),
)
EXTRAS: Final[Mapping[str, dict[str, Any]]] = {
    "QuizPage": {"minPassingPercent": 70},
    "VideoPage": {"asset": "video-0001"},
}


def sow(state: State) -> None:
    """Put in what is not there."""
    _keep(state.clients, Client(id=CLIENT, name="Example University", slug="example-university"))
    for key, email, first, last, token in (
        (ANA, "ana@example.edu", "Ana", "Arendt", ANA_TOKEN),
        (BEN, "ben@example.edu", "Ben", "Bloch", BEN_TOKEN),
    ):
        _keep(
            state.learners,
            Learner(
                id=key,
                email=email,
                first_name=first,
                last_name=last,
                token=token,
                client=CLIENT,
                created_at=CREATED_AT,
            ),
        )
    for slug, title, pages in COURSES:
        _sow_course(state, slug, title, pages)
    _keep(
        state.meetings,
        Meeting(
            id=FIRE_DRILL,
            course=FIRE_SAFETY,
            title="Fire drill",
            start="2026-03-02T09:00:00.000Z",
            end="2026-03-02T10:00:00.000Z",
        ),
    )
    _sow_path(state)


def _keep(table: Table[R], record: R) -> None:
    if table.get(record.key) is None:
        table.keep(record)


def _sow_course(
    state: State, slug: str, title: str, pages: tuple[tuple[str, str, str], ...]
) -> None:
    keys = tuple(f"page-{slug}-{name}" for name, _, _ in pages)
    _keep(
        state.courses,
        Course(
            id=f"course-{slug}",
            slug=slug,
            sku=f"SKU-{slug.upper()}",
            title=title,
            created_at=CREATED_AT,
            criteria=(
                CourseCriterion(type="coursePercentViewed"),
                CourseCriterion(type="courseTopicViewed", pages=keys),
            ),
        ),
    )
    for key, (name, member, kind) in zip(keys, pages, strict=True):
        _keep(
            state.pages,
            Page(
                id=key,
                course=f"course-{slug}",
                lesson=f"lesson-{slug}",
                member=member,
                type=kind,
                title=f"{title}: {name}",
                created_at=CREATED_AT,
                extras=EXTRAS.get(member, {}),
            ),
        )


def _sow_path(state: State) -> None:
    milestones = (
        Milestone(
            id="milestone-before",
            path=LAB_SAFETY,
            name="Before the first day",
            consists_of="content",
            requirement="required",
            created_at=CREATED_AT,
            description="Complete both courses.",
            courses=(
                MilestoneCourse(id="item-fire", course=FIRE_SAFETY, requirement="required"),
                MilestoneCourse(id="item-chem", course="course-chemicals", requirement="required"),
            ),
            criteria=(Criterion(id="criterion-both", type="requiredCourses", threshold=2),),
        ),
        Milestone(
            id="milestone-laboratory",
            path=LAB_SAFETY,
            name="In the laboratory",
            consists_of="content",
            requirement="required",
            created_at=CREATED_AT,
            description="Complete one elective.",
            release_days=7,
            courses=(
                MilestoneCourse(id="item-laser", course="course-lasers", requirement="elective"),
            ),
            criteria=(Criterion(id="criterion-one", type="electives", threshold=1),),
        ),
    )
    for milestone in milestones:
        _keep(state.milestones, milestone)
    _keep(
        state.paths,
        LearningPath(
            id=LAB_SAFETY,
            slug=LAB_SAFETY_SLUG,
            name="Lab Safety",
            status="published",
            client=CLIENT,
            created_at=CREATED_AT,
            milestones=tuple(milestone.id for milestone in milestones),
            language="en",
            details={
                "shortDescription": "What everybody in a laboratory must know.",
                "availabilityStatus": "available",
                "purchasable": False,
                "freeWithRegistration": True,
                "tags": [{"id": "tag-safety", "label": "Safety", "isFolder": False}],
                "prices": [
                    {
                        "id": "price-usd",
                        "currencyCode": "USD",
                        "priceInCents": 0,
                        "unitAmount": 0,
                        "isDefault": True,
                        "variations": [],
                    }
                ],
            },
        ),
    )
