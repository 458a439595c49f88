"""The tree of steps of a pathway, as it is sent: read, checked, and given the ids it lacks."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import msgspec

from aiobadges.sandbox import moments
from aiobadges.sandbox.parchment import identifiers
from aiobadges.sandbox.parchment.progress import courses_of, experiences_of, steps_of
from aiobadges.sandbox.parchment.shapes import CountRule, Element

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiobadges.sandbox.parchment.fields import Fields

__all__ = ["badges_that_count", "experience_ids", "read", "root_of"]


def read(fields: Fields, name: str) -> dict[str, Any] | None:
    """Read a tree; what it says beyond what is documented stays in it.

    Ids of steps and experiences that are missing are made up; what the real server does then is
    not documented.
    """
    tree = fields.shape(name, Element, nullable=True)
    if tree is None:
        return None
    _name_all(tree)
    root = root_of(tree)
    for text in _faults(root):
        fields.wrong(name, text)
    return tree


def root_of(tree: dict[str, Any]) -> Element:
    """Give a tree that has been read with its types."""
    return msgspec.convert(tree, Element)


def experience_ids(root: Element) -> frozenset[str]:
    """Give the ids of all experiences."""
    return frozenset(e.id or "" for step in steps_of(root) for e in experiences_of(step))


def badges_that_count(step: Element) -> frozenset[str]:
    """Give the public addresses of the badges that can complete a step or help to."""
    asked = step.requirements
    if asked is None:
        return frozenset()
    block = asked.badge_requirements
    found = {badge.badge_url for badge in (block and block.required_badges) or ()}
    found.update(asked.shortcut_badges or ())
    if asked.allow_completion_badge_shortcut:
        found.add(step.completion_badge)
    return frozenset(url for url in found if url)


def _name_all(tree: dict[str, Any]) -> None:
    if not tree.get("elementId"):
        tree["elementId"] = identifiers.mongo_id()
    asked = tree.get("requirements") or {}
    for experience in (asked.get("experienceRequirements") or {}).get("requiredExperiences") or ():
        if not experience.get("id"):
            experience["id"] = str(uuid.uuid4())
    for child in tree.get("children") or ():
        _name_all(child)


def _faults(root: Element) -> Iterator[str]:
    seen: set[str] = set()
    for step in steps_of(root):
        if (name := step.element_id or "") in seen:
            yield f"The elementId {name!r} occurs more than once."
        seen.add(name)
        for rule in _rules(step):
            count = rule.not_required_count
            is_count = isinstance(count, int) and not isinstance(count, bool) and count >= 0
            if rule.type == "allButN" and count is not None and not is_count:
                yield "A notRequiredCount is a whole number from 0 on."
        for course in courses_of(step):
            asked = course.completion_requirement
            start = asked.do_not_award_before if asked else None
            if (
                asked
                and asked.type == "completed"
                and start is not None
                and (not isinstance(start, str) or moments.parse(start) is None)
            ):
                yield "A doNotAwardBefore is an ISO 8601 timestamp with a time zone."


def _rules(step: Element) -> Iterator[CountRule]:
    asked = step.requirements
    if asked is not None:
        for block in (asked.child_element_requirements, asked.non_child_element_requirements):
            if block is not None and block.count_rule is not None:
                yield block.count_rule
