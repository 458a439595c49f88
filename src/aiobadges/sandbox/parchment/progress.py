"""How far somebody is on a pathway: a pure function of the published tree and of what they did.

The documentation shows the requirements and the numbers, and says little of how the one leads to
the other. What is done here:

* A step asks for steps below it (as many as its count rule says, and those that say
  ``requiredForParentCompletion``), for steps elsewhere (as many as that count rule says) and for
  badges, courses and experiences (``requiredCriteriaCount`` of them, or all).
* A step is complete when it asks for something and has all of it, or when a shortcut badge is held.
* Only the documented kinds are understood, ``allButN`` and ``completed``: a step with a count rule
  of another kind and a course with another requirement are never complete.
* Steps may ask for each other in a circle; then none of them completes the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from aiobadges.sandbox import moments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aiobadges.sandbox.parchment.shapes import (
        CountRule,
        Element,
        RequiredCourse,
        RequiredExperience,
        Requirements,
    )

__all__ = ["Deeds", "Standing", "Status", "courses_of", "evaluate", "experiences_of", "steps_of"]

Status = Literal["COMPLETED", "FAILED", "IN_PROGRESS", "NOT_STARTED"]


@dataclass(frozen=True, slots=True)
class Deeds:
    """What a person has done.

    Attributes:
        badges: public addresses of the badges held.
        courses: when each course was completed, by domain and id.
        experiences: whether each experience was passed, by id.
    """

    badges: frozenset[str]
    courses: Mapping[tuple[str, str], str]
    experiences: Mapping[str, bool]

    def has_done(self, course: RequiredCourse) -> bool:
        """Say whether a course is completed in the way that is asked for."""
        at = self.courses.get((course.domain or "", course.course_id or ""))
        if at is None:
            return False
        asked = course.completion_requirement
        if asked is None:
            return True
        if asked.type != "completed":
            return False
        start = moments.parse(str(asked.do_not_award_before))
        return start is None or moments.stamp(start) <= at


@dataclass(frozen=True, slots=True)
class Need:
    """What a step asks for of one kind.

    Attributes:
        needed: how many.
        have: how many there are, no more than needed.
        most: how many there could be.
        failed: how many cannot come any more.
        begun: how many are under way.
        is_open: whether it can ever be met.
        is_lost: whether what failed keeps it from being met.
    """

    needed: int = 0
    have: int = 0
    most: int = 0
    failed: int = 0
    begun: int = 0
    is_open: bool = True
    is_lost: bool = False

    @property
    def is_met(self) -> bool:
        return self.is_open and self.have >= self.needed

    @property
    def missing(self) -> int:
        return self.needed - self.have


NOTHING: Final = Need()


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a person is on one step. ``below`` and ``elsewhere`` are steps, ``criteria`` not."""

    status: Status
    by_shortcut: bool
    below: Need
    elsewhere: Need
    criteria: Need

    @property
    def needs(self) -> tuple[Need, Need, Need]:
        """All three."""
        return self.below, self.elsewhere, self.criteria


def steps_of(root: Element) -> Iterator[Element]:
    """Give a step and all below it, each before those below."""
    yield root
    for child in root.children or ():
        yield from steps_of(child)


def courses_of(step: Element) -> list[RequiredCourse]:
    """Give the courses that count for a step."""
    block = step.requirements and step.requirements.course_requirements
    return (block and block.required_courses) or []


def experiences_of(step: Element) -> list[RequiredExperience]:
    """Give the experiences that count for a step."""
    block = step.requirements and step.requirements.experience_requirements
    return (block and block.required_experiences) or []


def evaluate(root: Element, deeds: Deeds) -> dict[str, Standing]:
    """Work out how far a person is, by id of the step."""
    steps = {step.element_id or "": step for step in steps_of(root)}
    done: set[str] = set()
    while True:  # to the smallest set that holds together: nothing completes itself
        more = {
            name
            for name, step in steps.items()
            if name not in done and (_has_shortcut(step, deeds) or _is_met(step, done, deeds))
        }
        if not more:
            break
        done |= more
    standings: dict[str, Standing] = {}
    for name, step in reversed(steps.items()):  # those below come before
        standings[name] = _standing(step, done, deeds, standings)
    return standings


def _is_met(step: Element, done: set[str], deeds: Deeds) -> bool:
    needs = _below(step, done), _elsewhere(step, done), _criteria(step, deeds)
    return any(need.needed for need in needs) and all(need.is_met for need in needs)


def _standing(
    step: Element, done: set[str], deeds: Deeds, standings: Mapping[str, Standing]
) -> Standing:
    below = _below(step, done, standings)
    elsewhere = _elsewhere(step, done)
    criteria = _criteria(step, deeds)
    needs = (below, elsewhere, criteria)
    status: Status = "NOT_STARTED"
    if (step.element_id or "") in done:
        status = "COMPLETED"
    elif any(need.is_lost for need in needs):
        status = "FAILED"
    elif any(need.have or need.begun or need.failed for need in needs):
        status = "IN_PROGRESS"
    is_met = any(need.needed for need in needs) and all(need.is_met for need in needs)
    by_shortcut = status == "COMPLETED" and not is_met
    return Standing(status, by_shortcut, below, elsewhere, criteria)


def _has_shortcut(step: Element, deeds: Deeds) -> bool:
    asked = step.requirements
    if asked is None:
        return False
    own = {step.completion_badge} if asked.allow_completion_badge_shortcut else set()
    return not deeds.badges.isdisjoint({*(asked.shortcut_badges or ()), *own})


def _below(step: Element, done: set[str], standings: Mapping[str, Standing] | None = None) -> Need:
    children = {child.element_id or "": child for child in step.children or ()}
    must = {name for name, child in children.items() if child.required_for_parent_completion}
    asked = step.requirements and step.requirements.child_element_requirements
    needed, is_open = _count(asked.count_rule, len(children)) if asked else (0, True)
    needed = max(needed, len(must))
    have = min(len(done & children.keys()), needed)
    if must - done:
        have = min(have, needed - len(must - done))
    states = {name: standings[name].status for name in children} if standings else {}
    failed = {name for name, status in states.items() if status == "FAILED"}
    return Need(
        needed,
        have,
        most=len(children),
        failed=len(failed),
        # Those that are complete and do not count, for another must be, are a beginning, too.
        begun=list(states.values()).count("IN_PROGRESS") + len(done & children.keys()) - have,
        is_open=is_open,
        is_lost=bool(failed & must) or bool(failed and len(children) - len(failed) < needed),
    )


def _elsewhere(step: Element, done: set[str]) -> Need:
    asked = step.requirements and step.requirements.non_child_element_requirements
    if not asked:
        return NOTHING
    names = set(asked.element_ids or ())
    needed, is_open = _count(asked.count_rule, len(names))
    return Need(needed, min(len(done & names), needed), most=len(names), is_open=is_open)


def _criteria(step: Element, deeds: Deeds) -> Need:
    asked = step.requirements
    if asked is None:
        return NOTHING
    badges, courses, experiences = _badges(asked), courses_of(step), experiences_of(step)
    judged = [deeds.experiences.get(experience.id or "") for experience in experiences]
    most = len(badges) + len(courses) + len(experiences)
    wanted = asked.required_criteria_count
    needed = most if wanted is None else max(wanted, 0)
    have = (
        len(deeds.badges & badges)
        + sum(deeds.has_done(course) for course in courses)
        + judged.count(True)
    )
    failed = judged.count(False)
    is_lost = bool(failed and most - failed < needed)
    return Need(needed, min(have, needed), most=most, failed=failed, is_lost=is_lost)


def _badges(asked: Requirements) -> set[str]:
    block = asked.badge_requirements
    return {badge.badge_url or "" for badge in (block and block.required_badges) or ()}


def _count(rule: CountRule | None, there_are: int) -> tuple[int, bool]:
    """Give how many are needed, and whether the rule is one that is understood."""
    if rule is None:
        return there_are, True
    if rule.type != "allButN":
        return max(there_are, 1), False
    return max(there_are - (rule.not_required_count or 0), 0), True
