"""What follows from what: pages complete courses, courses milestones, milestones learning paths.

The vendor documents that it does so, not how; here it is done as one would expect it. Criteria about
awards and competency assessments are never met: there are none of either in a sandbox.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from aiobadges.sandbox.thought_industries.records import (
    CourseTaken,
    MilestoneDone,
    PageSeen,
    PathTaken,
)

if TYPE_CHECKING:
    from aiobadges.sandbox.thought_industries.records import (
        Course,
        Learner,
        LearningPath,
        Milestone,
        Page,
    )
    from aiobadges.sandbox.thought_industries.state import State

__all__ = ["COMPLETE", "percent_of", "record_page", "set_course", "set_path"]

COMPLETE: Final = 100

# What one look at a page counts for.
SECONDS_A_VIEW: Final = 60


def percent_of(state: State, learner: Learner, course: Course) -> int:
    """Give how much of a course a learner has behind them, from 0 to 100."""
    taken = state.course_taken(learner, course.id)
    if taken is not None and taken.status == "completed":
        return COMPLETE
    pages = state.pages_of(course)
    if not pages:
        return 0
    return sum(state.progress_on(learner, page) for page in pages) // len(pages)


def record_page(state: State, learner: Learner, page: Page, progress: int, now: str) -> None:
    """Record progress on a page. What was reached before is not taken back."""
    reached = max(progress, state.progress_on(learner, page))
    state.pages_seen.put(PageSeen(learner=learner.id, page=page.id, progress=reached, at=now))
    course = state.courses.rows[page.course]
    taken = _begun(state, learner, course, now)
    taken = replace(taken, views=taken.views + 1, seconds=taken.seconds + SECONDS_A_VIEW)
    if percent_of(state, learner, course) == COMPLETE and taken.status != "completed":
        taken = replace(taken, status="completed", since=now)
    state.courses_taken.put(taken)
    _follow_up(state, learner, course, now)


def set_course(state: State, learner: Learner, course: Course, status: str, since: str) -> None:
    """Set the status of a course: started, not-completed or completed."""
    state.courses_taken.put(
        replace(_begun(state, learner, course, since), status=status, since=since)
    )
    _follow_up(state, learner, course, since)


def set_path(state: State, learner: Learner, path: LearningPath, status: str, now: str) -> None:
    """Set the status of a learning path; ``not-started`` takes back what was done in it."""
    taken = state.path_taken(learner, path)
    if status != "not-started":
        begun = taken or PathTaken(learner=learner.id, path=path.id, status="", started_at=now)
        state.paths_taken.put(replace(begun, status=status))
        return
    for done in state.done_in(learner, path):
        state.milestones_done.remove(done)
    if taken is not None:
        state.paths_taken.remove(taken)


def _begun(state: State, learner: Learner, course: Course, now: str) -> CourseTaken:
    return state.course_taken(learner, course.id) or CourseTaken(
        learner=learner.id, course=course.id, status="started", since=now
    )


def _follow_up(state: State, learner: Learner, course: Course, now: str) -> None:
    """Draw the consequences of a change in a course for every learning path it stands in."""
    for path in list(state.paths.rows.values()):
        milestones = state.milestones_of(path)
        if not any(item.course == course.id for m in milestones for item in m.courses):
            continue
        if state.path_taken(learner, path) is None:
            set_path(state, learner, path, "started", now)
        for milestone in milestones:
            if not state.has_done(learner, milestone) and _is_met(state, learner, milestone):
                state.milestones_done.put(
                    MilestoneDone(
                        id=f"action-{secrets.token_hex(6)}",
                        learner=learner.id,
                        path=path.id,
                        milestone=milestone.id,
                        timestamp=now,
                    )
                )
        required = [m for m in milestones if m.requirement == "required"]
        if required and all(state.has_done(learner, m) for m in required):
            set_path(state, learner, path, "completed", now)


def _is_met(state: State, learner: Learner, milestone: Milestone) -> bool:
    if any(c.type not in {"requiredCourses", "electives"} for c in milestone.criteria):
        return False
    required = [item.course for item in milestone.courses if item.requirement == "required"]
    electives = [item.course for item in milestone.courses if item.requirement == "elective"]
    thresholds = [c.threshold for c in milestone.criteria if c.type == "electives"]
    wanted = max(thresholds, default=0 if required else 1)
    return (
        all(_is_complete(state, learner, course) for course in required)
        and sum(_is_complete(state, learner, course) for course in electives) >= wanted
    )


def _is_complete(state: State, learner: Learner, course: str) -> bool:
    taken = state.course_taken(learner, course)
    return taken is not None and taken.status == "completed"
