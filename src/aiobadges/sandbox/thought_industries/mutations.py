"""The mutations. Arguments are checked as the vendor's words want it, whatever the client checks."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from aiobadges.sandbox import moments
from aiobadges.sandbox.thought_industries import objects
from aiobadges.sandbox.thought_industries.call import Refused
from aiobadges.sandbox.thought_industries.progress import record_page, set_course, set_path
from aiobadges.sandbox.thought_industries.records import (
    Attendance,
    Course,
    Criterion,
    LearningPath,
    Milestone,
    MilestoneCourse,
)
from aiobadges.sandbox.thought_industries.seed import CLIENT

if TYPE_CHECKING:
    from aiobadges.sandbox.thought_industries.call import Call

__all__ = [
    "archive_course",
    "archive_learning_path",
    "create_learning_path",
    "reinstate_course",
    "reinstate_learning_path",
    "set_attendance",
    "update_course_status",
    "update_learning_path_access",
    "update_topic_progress",
]

COURSE_STATUSES: Final = ("started", "not-completed", "completed")
ACCESS_STATUSES: Final = ("not-started", "started", "not-completed")


def archive_course(call: Call, id: str) -> str | None:  # noqa: A002 - the vendor's name
    """ArchiveUserCourse."""
    return _set_course_archived(call, id, archived=True)


def reinstate_course(call: Call, id: str) -> str | None:  # noqa: A002 - as above
    """ReinstateUserCourse."""
    return _set_course_archived(call, id, archived=False)


def archive_learning_path(call: Call, id: str) -> str | None:  # noqa: A002 - as above
    """ArchiveUserLearningPath."""
    return _set_path_archived(call, id, archived=True)


def reinstate_learning_path(call: Call, id: str) -> str | None:  # noqa: A002 - as above
    """ReinstateUserLearningPath."""
    return _set_path_archived(call, id, archived=False)


def _set_course_archived(call: Call, key: str, *, archived: bool) -> str | None:
    taken = call.state.course_taken(call.actor, key) if call.actor is not None else None
    if taken is None or taken.archived is archived:
        return None
    call.state.courses_taken.put(replace(taken, archived=archived))
    return key


def _set_path_archived(call: Call, key: str, *, archived: bool) -> str | None:
    path = call.state.paths.get(key)
    if path is None or call.actor is None:
        return None
    taken = call.state.path_taken(call.actor, path)
    if taken is None or taken.archived is archived:
        return None
    call.state.paths_taken.put(replace(taken, archived=archived))
    return key


def create_learning_path(
    call: Call,
    name: str,
    milestones: list[dict[str, Any]],
    language: str | None = None,
    clientId: str | None = None,  # noqa: N803 - as above
) -> Any:
    """CreateLearningPath. The milestones may come in either form of their input."""
    client = clientId or CLIENT
    if not name.strip():
        raise Refused("name must not be empty")
    if call.state.clients.get(client) is None:
        raise Refused("there is no such client", "NOT_FOUND")
    key = f"path-{secrets.token_hex(6)}"
    made = [_milestone(call, key, given) for given in milestones]
    for milestone in made:
        call.state.milestones.put(milestone)
    path = LearningPath(
        id=key,
        slug=_free_slug(call, name),
        name=name,
        status="draft",
        client=client,
        created_at=call.now,
        milestones=tuple(milestone.id for milestone in made),
        language=language,
    )
    call.state.paths.put(path)
    return objects.learning_path(call, path)


def _milestone(call: Call, path: str, given: dict[str, Any]) -> Milestone:
    items = given.get("milestoneCourses") or [
        {"contentId": course, "requirement": "required"} for course in given.get("courseIds", ())
    ]
    for item in items:
        if call.state.courses.get(item["contentId"]) is None:
            raise Refused("there is no such course", "NOT_FOUND")
    required = sum(item["requirement"] == "required" for item in items)
    return Milestone(
        id=f"milestone-{secrets.token_hex(6)}",
        path=path,
        name=given["name"],
        consists_of=given.get("kind", "content"),
        requirement=given.get("requirement", "required"),
        created_at=call.now,
        courses=tuple(
            MilestoneCourse(
                id=f"item-{secrets.token_hex(6)}",
                course=item["contentId"],
                requirement=item["requirement"],
            )
            for item in items
        ),
        criteria=(
            Criterion(
                id=f"criterion-{secrets.token_hex(6)}", type="requiredCourses", threshold=required
            ),
        )
        if required
        else (),
    )


def _free_slug(call: Call, name: str) -> str:
    slug = wanted = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "learning-path"
    number = 1
    while call.state.path_of_slug(slug) is not None:
        number += 1
        slug = f"{wanted}-{number}"
    return slug


def update_course_status(  # noqa: PLR0917 - the vendor's arguments
    call: Call,
    status: str,
    id: str | None = None,  # noqa: A002 - as above
    slug: str | None = None,
    sku: str | None = None,
    statusChangeDate: str | None = None,  # noqa: N803 - as above
) -> bool:
    """UpdateCourseStatus."""
    names = [
        name
        for name, value in ((id, id), (f"slug {slug}", slug), (f"sku {sku}", sku))
        if value is not None
    ]
    if len(names) != 1:
        raise Refused("exactly one of id, slug or sku must be provided")
    if status not in COURSE_STATUSES:
        raise Refused(f"status must be one of {', '.join(COURSE_STATUSES)}")
    since = _past_moment(call, statusChangeDate) if statusChangeDate is not None else call.now
    set_course(call.state, call.learner, _course(call, str(names[0])), status, since)
    return True


def _course(call: Call, name: str) -> Course:
    course = call.state.courses.find(name)
    if course is None:
        raise Refused("there is no such course", "NOT_FOUND")
    return course


def _past_moment(call: Call, text: object) -> str:
    moment = moments.parse(text) if isinstance(text, str) else None
    if moment is None:
        raise Refused("statusChangeDate must be an ISO 8601 date")
    if (stamp := moments.stamp(moment)) > call.now:
        raise Refused("statusChangeDate must not be a future date")
    return stamp


def update_learning_path_access(call: Call, slug: str, status: str) -> bool:
    """UpdateLearningPathAccess."""
    if status not in ACCESS_STATUSES:
        raise Refused(f"status must be one of {', '.join(ACCESS_STATUSES)}")
    path = call.state.path_of_slug(slug)
    if path is None:
        raise Refused("there is no such learning path", "NOT_FOUND")
    set_path(call.state, call.learner, path, status, call.now)
    return True


def update_topic_progress(call: Call, topicId: str, progress: int) -> bool:  # noqa: N803 - as above
    """UpdateTopicAndCourseProgress."""
    if not 0 <= progress <= 100:  # noqa: PLR2004 - percent
        raise Refused("progress must lie between 0 and 100")
    page = call.state.pages.get(topicId)
    if page is None:
        raise Refused("there is no such topic", "NOT_FOUND")
    record_page(call.state, call.learner, page, progress, call.now)
    return True


def set_attendance(
    call: Call,
    userId: str,  # noqa: N803 - as above
    meetingId: str,  # noqa: N803 - as above
    attended: bool,  # noqa: FBT001 - as above
    courseId: str | None = None,  # noqa: N803 - as above
) -> Any:
    """UpdateUserCourseMeetingAttendance."""
    learner, meeting = call.state.learners.get(userId), call.state.meetings.get(meetingId)
    if learner is None or meeting is None or courseId not in {None, meeting.course}:
        raise Refused("there is no such user or meeting", "NOT_FOUND")
    # A day alone: so it stands in the vendor's sample.
    record = Attendance(learner=learner.id, meeting=meeting.id, date=call.now[:10])
    if not attended:
        call.state.attendances.remove(record)
    elif call.state.attendances.get(record.key) is None:
        call.state.attendances.put(record)
    return objects.user(call, learner)
