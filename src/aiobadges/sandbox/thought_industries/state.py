"""What the learning side knows, and the questions asked of it."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from aiobadges.sandbox.store import Index
from aiobadges.sandbox.thought_industries.records import (
    Attendance,
    Client,
    Course,
    CourseTaken,
    Learner,
    LearningPath,
    Meeting,
    Milestone,
    MilestoneDone,
    Page,
    PageSeen,
    PathTaken,
)

if TYPE_CHECKING:
    from aiobadges.sandbox.store import Store

__all__ = ["State"]


class State:
    """The learning tables in a store."""

    def __init__(self, store: Store) -> None:
        self._pages_by_course: Index[Page] = Index(attrgetter("course"))
        self._done_by_path: Index[MilestoneDone] = Index(attrgetter("learner", "path"))
        self._attended_by_learner: Index[Attendance] = Index(attrgetter("learner"))
        self.clients = store.table(Client)
        self.learners = store.table(Learner)
        self.courses = store.table(Course)
        self.pages = store.table(Page, self._pages_by_course)
        self.meetings = store.table(Meeting)
        self.paths = store.table(LearningPath)
        self.milestones = store.table(Milestone)
        self.courses_taken = store.table(CourseTaken)
        self.pages_seen = store.table(PageSeen)
        self.paths_taken = store.table(PathTaken)
        self.milestones_done = store.table(MilestoneDone, self._done_by_path)
        self.attendances = store.table(Attendance, self._attended_by_learner)

    def learner_with_token(self, token: str) -> Learner | None:
        """Find the learner a token acts for."""
        return self.learners.find(f"token {token}")

    def learner_named(self, email: str) -> Learner | None:
        """Find a learner by the e-mail address."""
        return self.learners.find(f"email {email}")

    def path_of_slug(self, slug: str) -> LearningPath | None:
        """Find a learning path."""
        return self.paths.find(f"slug {slug}")

    def pages_of(self, course: Course) -> list[Page]:
        """Give the pages of a course, in order."""
        return [self.pages.rows[key] for key in self._pages_by_course.keys(course.id)]

    def milestones_of(self, path: LearningPath) -> list[Milestone]:
        """Give the milestones of a learning path, in order."""
        return [self.milestones.rows[key] for key in path.milestones]

    def course_taken(self, learner: Learner, course: str) -> CourseTaken | None:
        """Give how far a learner is in a course, None when it was never begun."""
        return self.courses_taken.get(f"{learner.id} {course}")

    def path_taken(self, learner: Learner, path: LearningPath) -> PathTaken | None:
        """Give how far a learner is in a learning path, None when it was never begun."""
        return self.paths_taken.get(f"{learner.id} {path.id}")

    def progress_on(self, learner: Learner, page: Page) -> int:
        """Give how far a learner is on a page, from 0 to 100."""
        seen = self.pages_seen.get(f"{learner.id} {page.id}")
        return seen.progress if seen is not None else 0

    def has_done(self, learner: Learner, milestone: Milestone) -> bool:
        """Say whether a learner has completed a milestone."""
        return self.milestones_done.get(f"{learner.id} {milestone.id}") is not None

    def done_in(self, learner: Learner, path: LearningPath) -> list[MilestoneDone]:
        """Give what a learner has completed in a learning path, oldest first."""
        keys = self._done_by_path.keys((learner.id, path.id))
        return [self.milestones_done.rows[key] for key in keys]

    def attended_by(self, learner: Learner) -> list[Attendance]:
        """Give the meetings a learner attended, in the order in which they were recorded."""
        keys = self._attended_by_learner.keys(learner.id)
        return [self.attendances.rows[key] for key in keys]
