"""The records of the learning tables, as they lie in memory and in the state file.

Moments are text (see `moments`). What one learner has done lies apart from what there is to do.
"""

from typing import Any

import msgspec
from msgspec import field

from aiobadges.sandbox.store import Record

__all__ = [
    "Attendance",
    "Client",
    "Course",
    "CourseCriterion",
    "CourseTaken",
    "Criterion",
    "Learner",
    "LearningPath",
    "Meeting",
    "Milestone",
    "MilestoneCourse",
    "MilestoneDone",
    "Page",
    "PageSeen",
    "PathTaken",
]


class Client(Record, frozen=True, kw_only=True, tag="client"):
    """An organization under the tenant, or the tenant itself."""

    id: str
    name: str
    slug: str

    @property
    def key(self) -> str:
        """The id."""
        return self.id


class Learner(Record, frozen=True, kw_only=True, tag="learner"):
    """Somebody who learns. The token is what acts for them."""

    id: str
    email: str
    first_name: str
    last_name: str
    token: str
    client: str
    created_at: str

    @property
    def key(self) -> str:
        """The id."""
        return self.id

    @property
    def aliases(self) -> tuple[str, ...]:
        """The token and the address, marked as what they are."""
        return (f"token {self.token}", f"email {self.email}")


class CourseCriterion(msgspec.Struct, frozen=True, kw_only=True):
    """What a course asks for. Without pages it is about the course as a whole."""

    type: str
    pages: tuple[str, ...] = ()


class Course(Record, frozen=True, kw_only=True, tag="course"):
    """A course."""

    id: str
    slug: str
    sku: str
    title: str
    created_at: str
    criteria: tuple[CourseCriterion, ...] = ()

    @property
    def key(self) -> str:
        """The id."""
        return self.id

    @property
    def aliases(self) -> tuple[str, ...]:
        """Slug and SKU, marked as what they are: calls say which of them they mean."""
        return (f"slug {self.slug}", f"sku {self.sku}")


class Page(Record, frozen=True, kw_only=True, tag="page"):
    """A page of a course; the API calls it a topic when progress is recorded on it.

    ``member`` is the name of its type in the API, ``extras`` holds what only that type has.
    """

    id: str
    course: str
    lesson: str
    member: str
    type: str
    title: str
    created_at: str
    extras: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The id."""
        return self.id


class Meeting(Record, frozen=True, kw_only=True, tag="meeting"):
    """A meeting of a course."""

    id: str
    course: str
    title: str
    start: str
    end: str

    @property
    def key(self) -> str:
        """The id."""
        return self.id


class MilestoneCourse(msgspec.Struct, frozen=True, kw_only=True):
    """A course in a milestone."""

    id: str
    course: str
    requirement: str


class Criterion(msgspec.Struct, frozen=True, kw_only=True):
    """What a milestone asks for."""

    id: str
    type: str
    threshold: int


class Milestone(Record, frozen=True, kw_only=True, tag="milestone"):
    """A step of a learning path."""

    id: str
    path: str
    name: str
    consists_of: str
    requirement: str
    created_at: str
    description: str | None = None
    release_date: str | None = None
    release_days: int | None = None
    courses: tuple[MilestoneCourse, ...] = ()
    criteria: tuple[Criterion, ...] = ()

    @property
    def key(self) -> str:
        """The id."""
        return self.id


class LearningPath(Record, frozen=True, kw_only=True, tag="learning-path"):
    """Milestones in an order. ``details`` holds further fields by their names in the API."""

    id: str
    slug: str
    name: str
    status: str
    client: str
    created_at: str
    milestones: tuple[str, ...]
    language: str | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The id."""
        return self.id

    @property
    def aliases(self) -> tuple[str, ...]:
        """The slug, marked as one."""
        return (f"slug {self.slug}",)


class CourseTaken(Record, frozen=True, kw_only=True, tag="course-taken"):
    """How far a learner is in a course; pages apart. Status: started, not-completed, completed."""

    learner: str
    course: str
    status: str
    since: str
    views: int = 0
    seconds: int = 0
    archived: bool = False

    @property
    def key(self) -> str:
        """Learner and course."""
        return f"{self.learner} {self.course}"


class PageSeen(Record, frozen=True, kw_only=True, tag="page-seen"):
    """How far a learner is on a page, from 0 to 100."""

    learner: str
    page: str
    progress: int
    at: str

    @property
    def key(self) -> str:
        """Learner and page."""
        return f"{self.learner} {self.page}"


class PathTaken(Record, frozen=True, kw_only=True, tag="path-taken"):
    """How far a learner is in a learning path. Status: started, not-completed, completed."""

    learner: str
    path: str
    status: str
    started_at: str
    archived: bool = False

    @property
    def key(self) -> str:
        """Learner and learning path."""
        return f"{self.learner} {self.path}"


class MilestoneDone(Record, frozen=True, kw_only=True, tag="milestone-done"):
    """That a learner has completed a milestone."""

    id: str
    learner: str
    path: str
    milestone: str
    timestamp: str

    @property
    def key(self) -> str:
        """Learner and milestone: it is completed once."""
        return f"{self.learner} {self.milestone}"


class Attendance(Record, frozen=True, kw_only=True, tag="attendance"):
    """That a learner attended a meeting."""

    learner: str
    meeting: str
    date: str

    @property
    def key(self) -> str:
        """Learner and meeting."""
        return f"{self.learner} {self.meeting}"
