"""Records as the API shows them: by field name, with what leads to other things left to be asked.

A value that is a function is called by GraphQL when the field is selected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiobadges.sandbox.thought_industries import progress

if TYPE_CHECKING:
    from aiobadges.sandbox.thought_industries.call import Call
    from aiobadges.sandbox.thought_industries.records import (
        Course,
        CourseCriterion,
        Learner,
        LearningPath,
        Meeting,
        Milestone,
        MilestoneCourse,
        MilestoneDone,
        Page,
    )

__all__ = ["action", "course_criterion", "learning_path", "milestone", "page", "user"]

Shown = dict[str, Any]

COMPANY = "company-example"


def learning_path(call: Call, path: LearningPath) -> Shown:
    """Show a learning path to whoever acts."""
    taken = call.state.path_taken(call.actor, path) if call.actor is not None else None
    return {
        "hasMultipleCurrencies": False,
        "prices": [],
        "purchasable": False,
        "bulkPurchasingEnabled": False,
        "resourceType": "learningPath",
        "kind": "learningPath",
        **path.details,
        "id": path.id,
        "slug": path.slug,
        "name": path.name,
        "status": path.status,
        "language": path.language,
        "createdAt": path.created_at,
        "updatedAt": path.created_at,
        "client": lambda _: client(call, path.client),
        "milestones": lambda _: [milestone(call, m) for m in call.state.milestones_of(path)],
        "currentUserStartActionDate": taken.started_at if taken is not None else None,
        "currentUserPendingCertificate": False,
        "currentUserEarnedCertificate": taken is not None and taken.status == "completed",
    }


def milestone(call: Call, record: Milestone) -> Shown:
    """Show a milestone."""
    path = call.state.paths.rows[record.path]
    return {
        "id": record.id,
        "name": record.name,
        "kind": record.consists_of,
        "requirement": record.requirement,
        "releaseDate": record.release_date,
        "releaseDays": record.release_days,
        "completionCriteriaDescription": record.description,
        "createdAt": record.created_at,
        "updatedAt": record.created_at,
        "learningPath": lambda _: learning_path(call, path),
        "milestoneCourses": lambda _: [_milestone_course(call, item) for item in record.courses],
        "contentItems": lambda _: [
            _content(call.state.courses.rows[item.course]) for item in record.courses
        ],
        "completionCriteria": [
            {"id": c.id, "type": c.type, "threshold": c.threshold} for c in record.criteria
        ],
    }


def _milestone_course(call: Call, item: MilestoneCourse) -> Shown:
    return {
        "id": item.id,
        "contentId": item.course,
        "contentTitle": call.state.courses.rows[item.course].title,
        "contentGrouping": "course",
        "requirement": item.requirement,
        "hideCourseDescription": False,
    }


def _content(course: Course) -> Shown:
    return {
        "id": course.id,
        "title": course.title,
        "slug": course.slug,
        "sku": course.sku,
        "kind": "course",
        "status": "published",
        "isActive": True,
        "displayCourse": course.id,
        "url": f"/courses/{course.slug}",
        "createdAt": course.created_at,
        "updatedAt": course.created_at,
    }


def _course(call: Call, key: str) -> Shown:
    record = call.state.courses.rows[key]
    return {
        "id": record.id,
        "title": record.title,
        "slug": record.slug,
        "sku": record.sku,
        "status": "published",
        "isActive": True,
        "currentUserHasAccess": call.actor is not None,
        "createdAt": record.created_at,
        "updatedAt": record.created_at,
    }


def client(call: Call, key: str) -> Shown:
    """Show a client."""
    record = call.state.clients.rows[key]
    return {"id": record.id, "name": record.name, "slug": record.slug, "disabled": False}


def user(call: Call, record: Learner) -> Shown:
    """Show a learner."""
    taken = [c for c in call.state.courses_taken.rows.values() if c.learner == record.id]
    return {
        "id": record.id,
        "email": record.email,
        "firstName": record.first_name,
        "lastName": record.last_name,
        "name": f"{record.first_name} {record.last_name}",
        "firstInitial": record.first_name[:1],
        "lastInitial": record.last_name[:1],
        "clientId": record.client,
        "client": lambda _: client(call, record.client),
        "createdAt": record.created_at,
        "updatedAt": record.created_at,
        "roleKey": "student",
        "disabled": False,
        "shouldHighlight": False,
        "mustVerifyEmail": False,
        "certificatesCount": 0,
        "collaborationsCount": 0,
        "availableCoursesCount": len(call.state.courses.rows),
        "startedCoursesCount": sum(c.status == "started" for c in taken),
        "completedCoursesCount": sum(c.status == "completed" for c in taken),
        "purchasedCourses": lambda _: [
            {
                "courseId": c.course,
                "course": lambda _, key=c.course: _course(call, key),
                "status": c.status,
            }
            for c in taken
        ],
        "attendedMeetings": lambda _: [
            {
                "attendanceDate": attendance.date,
                "meeting": _meeting(call, call.state.meetings.rows[attendance.meeting]),
                "user": lambda _: user(call, record),
            }
            for attendance in call.state.attended_by(record)
        ],
    }


def _meeting(call: Call, record: Meeting) -> Shown:
    return {
        "id": record.id,
        "title": record.title,
        "startDate": record.start,
        "endDate": record.end,
        "timeZone": "UTC",
        "courseId": record.course,
        "course": lambda _: _course(call, record.course),
    }


def action(call: Call, done: MilestoneDone) -> Shown:
    """Show that a milestone was completed."""
    state = call.state
    return {
        "id": done.id,
        "type": "milestone_completed",
        "source": "learner",
        "timestamp": done.timestamp,
        "milestone": lambda _: milestone(call, state.milestones.rows[done.milestone]),
        "learningPath": lambda _: learning_path(call, state.paths.rows[done.path]),
        "user": lambda _: user(call, state.learners.rows[done.learner]),
    }


def page(record: Page) -> Shown:
    """Show a page as the member of the union that it is."""
    return {
        **record.extras,
        "__typename": record.member,
        "id": record.id,
        "companyId": COMPANY,
        "lessonId": record.lesson,
        "type": record.type,
        "title": record.title,
        "createdAt": record.created_at,
        "updatedAt": record.created_at,
        "questions": [],
    }


def course_criterion(call: Call, course: Course, criterion: CourseCriterion) -> Shown:
    """Show how far the acting learner is on one criterion of a course."""
    state, learner = call.state, call.learner
    if not criterion.pages:
        percent = progress.percent_of(state, learner, course)
        return {"type": criterion.type, "required": None, "completed": None, "percent": percent}
    completed = [
        key
        for key in criterion.pages
        if state.progress_on(learner, state.pages.rows[key]) == progress.COMPLETE
    ]
    return {
        "type": criterion.type,
        "required": list(criterion.pages),
        "completed": completed,
        "percent": progress.COMPLETE * len(completed) // len(criterion.pages),
    }
