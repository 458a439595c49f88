"""The queries. What is about a learner is empty while nobody acts, as the vendor documents it.

While a course or a learning path is archived, what a learner did in it is not shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiobadges.sandbox.thought_industries import objects, progress

if TYPE_CHECKING:
    from aiobadges.sandbox.thought_industries.call import Call
    from aiobadges.sandbox.thought_industries.records import CourseTaken

__all__ = [
    "course_completion_progress",
    "course_progress",
    "learning_path_by_slug",
    "milestone",
    "milestone_completions",
    "pages_completed",
]


def milestone_completions(call: Call, slug: str) -> list[Any]:
    """CurrentUserLearningPathMilestoneCompletionsBySlug."""
    path = call.state.path_of_slug(slug)
    if path is None or call.actor is None:
        return []
    taken = call.state.path_taken(call.actor, path)
    if taken is not None and taken.archived:
        return []
    return [objects.action(call, done) for done in call.state.done_in(call.actor, path)]


def learning_path_by_slug(call: Call, slug: str) -> Any:
    """LearningPathBySlug."""
    path = call.state.path_of_slug(slug)
    return objects.learning_path(call, path) if path is not None else None


def milestone(call: Call, id: str) -> Any:  # noqa: A002 - the vendor's name
    """Milestone."""
    record = call.state.milestones.get(id)
    return objects.milestone(call, record) if record is not None else None


def pages_completed(call: Call, courseId: str) -> list[Any]:  # noqa: N803 - the vendor's name
    """PagesCompletedByCourse."""
    if call.actor is None or _taken(call, courseId) is None:
        return []
    pages = call.state.pages_of(call.state.courses.rows[courseId])
    return [
        objects.page(page)
        for page in pages
        if call.state.progress_on(call.actor, page) == progress.COMPLETE
    ]


def course_completion_progress(call: Call, id: str) -> list[Any] | None:  # noqa: A002 - as above
    """UserCourseCompletionProgress."""
    if _taken(call, id) is None:
        return None
    course = call.state.courses.rows[id]
    return [objects.course_criterion(call, course, one) for one in course.criteria]


def course_progress(call: Call, id: str) -> Any:  # noqa: A002 - as above
    """UserCourseProgress."""
    taken = _taken(call, id)
    if taken is None:
        return None
    course = call.state.courses.rows[id]
    return {
        "totalViews": taken.views,
        "totalTime": taken.seconds,
        "percentComplete": progress.percent_of(call.state, call.learner, course),
    }


def _taken(call: Call, course: str) -> CourseTaken | None:
    """Give how far the acting learner is in a course that was begun and is not archived."""
    taken = call.state.course_taken(call.actor, course) if call.actor is not None else None
    return taken if taken is not None and not taken.archived else None
