"""How far a person, a group or everybody is on a pathway, in the numbers of the documentation."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from aiobadges.sandbox import moments
from aiobadges.sandbox.parchment import advancing, envelope
from aiobadges.sandbox.parchment.pathway_tree import badges_that_count, root_of
from aiobadges.sandbox.parchment.progress import courses_of, evaluate, experiences_of, steps_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aiobadges.sandbox.exchange import Answer
    from aiobadges.sandbox.parchment.call import Call
    from aiobadges.sandbox.parchment.pathway_records import Pathway
    from aiobadges.sandbox.parchment.progress import Deeds, Standing, Status
    from aiobadges.sandbox.parchment.shapes import Element, RequiredCourse
    from aiobadges.sandbox.parchment.state import State

__all__ = ["of_everybody", "of_group", "of_recipient"]


async def of_recipient(call: Call) -> Answer:
    """Get the progress of a person who is in a group that follows the pathway."""
    pathway = _published(call)
    identifier = call.incoming.query.get("recipientIdentifier", "")
    kind, colon, identity = identifier.partition(":")
    if not (kind and colon and identity):
        text = "Enter recipientType:recipientId, as in email:ana@example.edu."
        raise envelope.bad_request(fields={"recipientIdentifier": [text]})
    address = advancing.member(call.state, pathway, identity) if kind == "email" else None
    if address is None:
        raise envelope.not_found()
    person = {"@type": kind, "email": address}
    return envelope.bare(
        {
            **_reading(call.state, pathway, address),
            "scope": {"@type": "recipient", "identifier": person},
            "progress": _progress(call.state, pathway, address),
        }
    )


async def of_group(call: Call) -> Answer:
    """Get the progress of a group that follows the pathway, added up."""
    pathway = _published(call)
    name = call.incoming.ids["group"]
    if name not in pathway.groups:
        raise envelope.not_found()
    members = call.state.groups.rows[name].members
    return envelope.bare(
        {
            **_reading(call.state, pathway, name),
            "scope": {"@type": "groupAggregate", "recipientGroupId": name},
            "progressAggregate": _aggregate(call.state, pathway, members),
        }
    )


async def of_everybody(call: Call) -> Answer:
    """Get the progress of everybody who follows the pathway, added up."""
    pathway = _published(call)
    members = call.state.members_of(pathway)
    return envelope.bare(
        {
            **_reading(call.state, pathway, ""),
            "progressAggregate": _aggregate(call.state, pathway, members),
        }
    )


def _published(call: Call) -> Pathway:
    pathway = call.pathway()
    if pathway.published is None:
        raise envelope.not_found()
    return pathway


def _reading(state: State, pathway: Pathway, whose: str) -> dict[str, Any]:
    version = state.next_version(pathway) - 1
    return {
        "id": hashlib.sha256(f"{pathway.key} {whose}".encode()).hexdigest()[:24],
        "pathwayId": pathway.id,
        "calculationInfo": {
            "staleBeforeVersion": version,
            "stale": False,
            "computedVersion": version,
            "computedDate": moments.now(),
            "computedPublishedStructureVersion": pathway.published_version,
        },
    }


def _progress(state: State, pathway: Pathway, address: str) -> dict[str, Any]:
    root, person = root_of(pathway.published or {}), address.casefold()
    deeds = advancing.deeds_of(state, pathway, person)
    standings = evaluate(root, deeds)
    statuses = [standing.status for standing in standings.values()]
    evaluated = {e.experience: e for e in state.evaluations_of(pathway, person)}
    latest = max((e.version for e in evaluated.values()), default=0)
    completions = state.completions_of(pathway, person)
    steps = {}
    for step in steps_of(root):
        name = step.element_id or ""
        completion = completions.get(name)
        steps[name] = {
            **_standing_as_json(standings[name]),
            "completionBadgeNewlyAwarded": (
                completion is not None
                and completion.award is not None
                and completion.version == latest
            ),
            "badgeProgress": _badges_as_json(step, deeds),
            "courseProgress": {
                "earnedCriteria": [
                    {**_course_as_json(course), "evaluatedAt": deeds.courses[_key(course)]}
                    for course in courses_of(step)
                    if deeds.has_done(course)
                ]
            },
            "experienceProgress": {
                "evaluations": [
                    {"experienceId": e.experience, "passed": e.passed, "lastEvaluatedAt": e.at}
                    for experience in experiences_of(step)
                    if (e := evaluated.get(experience.id or "")) is not None
                ]
            },
        }
    return {
        "endProgress": {
            "status": standings[root.element_id or ""].status,
            "required": len(statuses),
            "completed": statuses.count("COMPLETED"),
            "failed": statuses.count("FAILED"),
            "inProgress": statuses.count("IN_PROGRESS"),
            "notStarted": statuses.count("NOT_STARTED"),
        },
        "elementProgress": steps,
    }


def _standing_as_json(standing: Standing) -> dict[str, Any]:
    below, _, criteria = standing.needs
    required = sum(need.needed for need in standing.needs)
    completed = sum(need.have for need in standing.needs)
    before = min(below.failed, below.missing)
    directly = min(criteria.failed, criteria.missing)
    begun = min(below.begun, below.missing - before)
    return {
        "status": standing.status,
        "completedByShortcut": standing.by_shortcut,
        "cappedProgress": {
            "required": required,
            "completed": completed,
            "inProgress": begun,
            "failed": before + directly,
            "preRequisiteStepFailed": before,
            "directRequirementFailed": directly,
            "notStarted": required - completed - begun - before - directly,
        },
    }


def _badges_as_json(step: Element, deeds: Deeds) -> dict[str, Any]:
    counting = badges_that_count(step)
    return {
        "earnedBadges": sorted(deeds.badges & counting),
        "maxBadgeCount": len(counting),
    }


def _aggregate(state: State, pathway: Pathway, members: Sequence[str]) -> dict[str, Any]:
    root = root_of(pathway.published or {})
    deeds = [advancing.deeds_of(state, pathway, member) for member in members]
    everybody = [evaluate(root, one) for one in deeds]
    return {
        "elementProgress": {
            (name := step.element_id or ""): {
                "overallProgress": _sums([standings[name] for standings in everybody]),
                "experienceProgress": _open_experiences(step, deeds),
                "courseProgress": {
                    "byRequirements": [
                        {
                            "requirementId": _course_as_json(course),
                            "completed": sum(one.has_done(course) for one in deeds),
                        }
                        for course in courses_of(step)
                    ]
                },
            }
            for step in steps_of(root)
        }
    }


def _sums(standings: Sequence[Standing]) -> dict[str, Any]:
    needs = [need for standing in standings for need in standing.needs]

    def count(status: Status) -> int:
        return sum(standing.status == status for standing in standings)

    return {
        "progress": {
            "completedValue": float(sum(need.have for need in needs)),
            "requiredValue": float(sum(need.needed for need in needs)),
            "failedValue": float(sum(min(need.failed, need.missing) for need in needs)),
            "maxValue": float(sum(need.most for need in needs)),
        },
        "notStartedCount": count("NOT_STARTED"),
        "inProgressCount": count("IN_PROGRESS"),
        "failedCount": count("FAILED"),
        "completedCount": count("COMPLETED"),
    }


def _open_experiences(step: Element, deeds: Iterable[Deeds]) -> dict[str, Any]:
    names = [experience.id or "" for experience in experiences_of(step)]
    judged = [one.experiences for one in deeds]
    return {
        "experienceIdsWithFailedRecipients": [
            name for name in names if any(one.get(name) is False for one in judged)
        ],
        "experienceIdsWithNotEvaluatedRecipients": [
            name for name in names if any(name not in one for one in judged)
        ],
    }


def _key(course: RequiredCourse) -> tuple[str, str]:
    return course.domain or "", course.course_id or ""


def _course_as_json(course: RequiredCourse) -> dict[str, Any]:
    asked = course.completion_requirement
    return {
        "lms": course.lms,
        "domain": course.domain,
        "courseId": course.course_id,
        "completionRequirement": asked
        and {"@type": asked.type, "doNotAwardBefore": asked.do_not_award_before},
    }
