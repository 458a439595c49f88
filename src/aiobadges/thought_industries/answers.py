"""What a GraphQL answer says: ``data``, all or part of it or null, and ``errors``.

The vendor documents none of its errors. What the GraphQL specification promises is relied on, with
tolerance for its form: without ``data`` nothing was executed; a null root with an error on it is that
field's own; a longer path is a part that is missing. Codes are used when they are there. The vendor's
REST API has two more forms, which a gateway may use here as well: a list of texts, and one object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from aiobadges.errors import (
    BadgesError,
    BadRequestError,
    ForbiddenError,
    NotFoundError,
    RateLimitedError,
    ServerError,
    UnauthorizedError,
)

__all__ = ["Complaint", "Said", "read_body"]

_MOST_COMPLAINTS = 50
_LONGEST_COMPLAINT = 500

# The codes of Apollo's server, of which the vendor's clients show traces.
_KINDS: Mapping[str, type[BadgesError]] = {
    "BAD_REQUEST": BadRequestError,
    "BAD_USER_INPUT": BadRequestError,
    "FORBIDDEN": ForbiddenError,
    "GRAPHQL_PARSE_FAILED": BadRequestError,
    "GRAPHQL_VALIDATION_FAILED": BadRequestError,
    "INTERNAL_SERVER_ERROR": ServerError,
    "NOT_FOUND": NotFoundError,
    "RATE_LIMITED": RateLimitedError,
    "UNAUTHENTICATED": UnauthorizedError,
}


@attrs.frozen(kw_only=True)
class Complaint:
    """One error.

    Attributes:
        message: in the server's words.
        path: where in ``data``, ``LearningPathBySlug.milestones[0].name``; empty for nowhere.
        depth: of how many steps the path is.
        kind: the error its code stands for, None without a code that is known.
    """

    message: str
    path: str = ""
    depth: int = 0
    kind: type[BadgesError] | None = None


@attrs.frozen(kw_only=True)
class Said:
    """A body that is JSON.

    Attributes:
        has_data: whether it has a ``data`` member: without one nothing was executed.
        data: that member when it is an object, else None.
        complaints: the errors; empty for none.
    """

    has_data: bool
    data: dict[str, Any] | None
    complaints: tuple[Complaint, ...]

    @property
    def root_is_null(self) -> bool:
        """Whether no root field has a value."""
        return not self.data or all(value is None for value in self.data.values())

    @property
    def fields(self) -> dict[str, tuple[str, ...]]:
        """The messages by path."""
        found: dict[str, list[str]] = {}
        for complaint in self.complaints:
            found.setdefault(complaint.path, []).append(complaint.message)
        return {path: tuple(messages) for path, messages in found.items()}


def read_body(body: object, clear: Callable[[str], str]) -> Said:
    """Read parsed JSON, whatever it is.

    Args:
        body: the JSON.
        clear: takes out of a text what must not be shown; asked before anything is cut short.
    """
    if not isinstance(body, dict):
        return Said(has_data=False, data=None, complaints=())
    data = body.get("data")
    return Said(
        has_data="data" in body,
        data=data if isinstance(data, dict) else None,
        complaints=_complaints(body, clear),
    )


def _complaints(body: Mapping[str, Any], clear: Callable[[str], str]) -> tuple[Complaint, ...]:
    errors = body.get("errors")
    if errors and not isinstance(errors, list):
        errors = [errors]
    if not errors:
        # The form of REST: an error that is a word, and a message beside it.
        text = body.get("message") if body.get("error") else None
        errors = [text] if isinstance(text, str) and text else []
    return tuple(_complaint(error, clear) for error in errors[:_MOST_COMPLAINTS])


def _complaint(error: object, clear: Callable[[str], str]) -> Complaint:
    if isinstance(error, str):
        return Complaint(message=_cut(clear(error)))
    if not isinstance(error, dict):
        return Complaint(message="an error in a form nobody knows")
    message, path, extensions = error.get("message"), error.get("path"), error.get("extensions")
    steps = path if isinstance(path, list) else []
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return Complaint(
        message=_cut(clear(message)) if isinstance(message, str) else "an error without a message",
        path=clear(_path(steps))[:_LONGEST_COMPLAINT],
        depth=len(steps),
        kind=_KINDS.get(code) if isinstance(code, str) else None,
    )


def _cut(text: str) -> str:
    return text.strip()[:_LONGEST_COMPLAINT] or "an error without a message"


def _path(steps: list[object]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".")
