"""The objects that come in requests and go back in answers as they came, with their types.

A shape names the members that the documentation gives a type. Others are let through: the real
server keeps or drops them, and no client may count on either.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec

__all__ = [
    "Alignment",
    "BadgePreferences",
    "CountRule",
    "Element",
    "Ob3AwardProperties",
    "Ob3Properties",
    "PathwayPreferences",
    "RequiredCourse",
    "RequiredExperience",
    "Requirement",
    "Requirements",
    "Shape",
    "misfit",
]

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Shape(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An object of the documentation. Every member may be missing or null."""


def misfit(value: object, kind: type[Shape]) -> str | None:
    """Say what keeps a value from being of a shape; None when nothing does."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        return str(error)
    return None


class Alignment(Shape, frozen=True, kw_only=True):
    """A skill or standard that a badge stands for."""

    target_name: str | None = None
    target_url: str | None = None
    target_description: str | None = None
    target_framework: str | None = None
    target_code: str | None = None
    display_as_skill: bool | None = None


class Ob3Properties(Shape, frozen=True, kw_only=True):
    """What Open Badges 3.0 adds to a badge class."""

    credit_hours: float | None = None
    field_of_study: str | None = None
    human_code: str | None = None
    specialization: str | None = None


class CustomPropertyValue(Shape, frozen=True, kw_only=True):
    """A value of a property that an issuer has added."""

    property_id: str | None = None
    string_value: str | None = None
    double_value: float | None = None
    array_value: list[str] | None = None
    public: bool | None = None


class BadgePreferences(Shape, frozen=True, kw_only=True):
    """Settings of a badge class."""

    include_on_public_pages: bool | None = None
    custom_property_values: list[CustomPropertyValue] | None = None
    enabled_print_cert_template_ids: list[str] | None = None
    default_print_cert_template_id: str | None = None


class Ob3AwardProperties(Shape, frozen=True, kw_only=True):
    """What Open Badges 3.0 adds to an award."""

    activity_start: Moment | None = None
    activity_end: Moment | None = None
    license_number: str | None = None
    role: str | None = None


class PathwayPreferences(Shape, frozen=True, kw_only=True):
    """Settings of a pathway."""

    include_on_public_pages: bool | None = None


class CountRule(Shape, frozen=True, kw_only=True):
    """How many things of a list are needed. One kind is documented, ``allButN``."""

    type: str | None = msgspec.field(name="@type", default=None)
    not_required_count: Any = None


class Requirement(Shape, frozen=True, kw_only=True):
    """What counts as having done a course. One kind is documented, ``completed``."""

    type: str | None = msgspec.field(name="@type", default=None)
    do_not_award_before: Any = None


class ChildRequirements(Shape, frozen=True, kw_only=True):
    """What is asked of the steps below a step."""

    count_rule: CountRule | None = None


class NonChildRequirements(Shape, frozen=True, kw_only=True):
    """What is asked of steps elsewhere."""

    count_rule: CountRule | None = None
    element_ids: list[str] | None = None


class RequiredBadge(Shape, frozen=True, kw_only=True):
    """A badge that counts."""

    badge_url: str | None = None
    display_order: int | None = None


class BadgeRequirements(Shape, frozen=True, kw_only=True):
    """Badges that count."""

    required_badges: list[RequiredBadge] | None = None


class RequiredCourse(Shape, frozen=True, kw_only=True):
    """A course that counts."""

    lms: str | None = None
    domain: str | None = None
    course_id: str | None = None
    name: str | None = None
    completion_requirement: Requirement | None = None
    display_order: int | None = None
    url: str | None = None


class CourseRequirements(Shape, frozen=True, kw_only=True):
    """Courses that count."""

    required_courses: list[RequiredCourse] | None = None


class RequiredExperience(Shape, frozen=True, kw_only=True):
    """Something to live through that counts."""

    id: str | None = None
    name: str | None = None
    description: str | None = None
    display_order: int | None = None


class ExperienceRequirements(Shape, frozen=True, kw_only=True):
    """Experiences that count."""

    required_experiences: list[RequiredExperience] | None = None


class Requirements(Shape, frozen=True, kw_only=True):
    """What it takes to complete a step."""

    child_element_requirements: ChildRequirements | None = None
    non_child_element_requirements: NonChildRequirements | None = None
    badge_requirements: BadgeRequirements | None = None
    required_criteria_count: int | None = None
    course_requirements: CourseRequirements | None = None
    experience_requirements: ExperienceRequirements | None = None
    shortcut_badges: list[str] | None = None
    allow_completion_badge_shortcut: bool | None = None


class Element(Shape, frozen=True, kw_only=True):
    """A step of a pathway, with the steps below it."""

    element_id: str | None = None
    name: str | None = None
    short_code: str | None = None
    description: str | None = None
    alignment_url: str | None = None
    framework_name: str | None = None
    target_code: str | None = None
    completion_badge: str | None = None
    requirements: Requirements | None = None
    required_for_parent_completion: bool | None = None
    children: list[Element] | None = None
