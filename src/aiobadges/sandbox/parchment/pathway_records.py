"""The records of pathways, of the groups that follow them, and of what their people have done."""

from typing import Any

from aiobadges.sandbox.store import Record

__all__ = ["Completion", "CourseCompletion", "Evaluation", "Group", "Pathway"]


class Group(Record, frozen=True, kw_only=True, tag="group"):
    """A group of recipients of an issuer, by e-mail address. The API lists and makes none."""

    id: str
    issuer: str
    name: str
    created_at: str
    members: tuple[str, ...]
    expires: str | None = None
    archived: bool = False

    @property
    def key(self) -> str:
        """The Mongo id, the only one it has."""
        return self.id


class Pathway(Record, frozen=True, kw_only=True, tag="pathway"):
    """A way over steps to a goal: the tree being worked on, and the tree that people follow.

    ``counted_badges`` are the public addresses of the badges that count in the published tree.
    """

    id: str
    issuer: str
    created_at: str
    created_by: str
    draft: dict[str, Any] | None
    draft_version: int
    draft_updated_at: str
    preferences: dict[str, Any] | None = None
    published: dict[str, Any] | None = None
    published_version: int | None = None
    published_at: str | None = None
    groups: tuple[str, ...] = ()
    counted_badges: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The Mongo id, the only one it has."""
        return self.id


class Evaluation(Record, frozen=True, kw_only=True, tag="evaluation"):
    """The last word on whether a person passed an experience.

    ``version`` counts the evaluations of a pathway.
    """

    pathway: str
    experience: str
    recipient: str
    passed: bool
    at: str
    version: int

    @property
    def key(self) -> str:
        """Pathway, experience and person."""
        return f"{self.pathway} {self.experience} {self.recipient}"


class Completion(Record, frozen=True, kw_only=True, tag="completion"):
    """That a person was found to have completed a step.

    It stays when the step falls back, so no completion badge is awarded a second time. ``award``
    is the assertion that was made for it, if one was; ``version`` the last evaluation before it.
    """

    pathway: str
    element: str
    recipient: str
    at: str
    version: int
    award: str | None = None

    @property
    def key(self) -> str:
        """Pathway, step and person."""
        return f"{self.pathway} {self.element} {self.recipient}"


class CourseCompletion(Record, frozen=True, kw_only=True, tag="course_completion"):
    """That a person completed a course in a learning system, as that system reported it."""

    domain: str
    course: str
    recipient: str
    at: str

    @property
    def key(self) -> str:
        """Course and person."""
        return f"{self.domain} {self.course} {self.recipient}"
