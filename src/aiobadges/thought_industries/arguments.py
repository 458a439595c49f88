"""The rules for arguments that the vendor says in words and GraphQL cannot, checked before sending.

They go by operation id, so that a call made by hand is checked like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal, TypeAlias, get_args

from aiobadges.errors import InvalidCallError
from aiobadges.values import UNSET

__all__ = ["AccessStatus", "CourseStatus", "Variables", "check"]

CourseStatus: TypeAlias = Literal["started", "not-completed", "completed"]
"""How far a learner is in a course."""

AccessStatus: TypeAlias = Literal["not-started", "started", "not-completed"]
"""How far a learner is in a learning path, as far as it can be set."""

Variables: TypeAlias = Mapping[str, object]
"""The variables of an operation by their names in the document."""

_WHOLE = 100


def check(operation: str, variables: Variables, *, now: datetime) -> None:
    """Check the variables of a call.

    Args:
        operation: the operation's id; one without rules of its own passes.
        variables: by name; UNSET and None count as not given.
        now: the present, with its zone.

    Raises:
        InvalidCallError: a rule is broken; the text names the argument and the rule.
    """
    given = {
        name: value for name, value in variables.items() if value is not UNSET and value is not None
    }
    for name, value in given.items():
        if isinstance(value, str) and not value.strip():
            raise InvalidCallError(f"{name} is empty", remedy=f"Give {name}, or leave it out")
    rule = _RULES.get(operation)
    if rule is not None:
        rule(given, now)


def _create(given: Variables, now: datetime) -> None:
    del now
    if not given.get("milestones"):
        raise InvalidCallError(
            "a learning path needs a milestone", remedy="Give one or more milestones"
        )


def _update_status(given: Variables, now: datetime) -> None:
    names = [name for name in ("id", "slug", "sku") if name in given]
    if len(names) != 1:
        raise InvalidCallError(
            f"a course is named by exactly one of id, slug and sku, not by {len(names)}",
            remedy=f"Leave out all but one of {', '.join(names)}" if names else "Give one of them",
        )
    _one_of("status", given.get("status"), get_args(CourseStatus))
    since = given.get("statusChangeDate")
    if since is None:
        return
    if not isinstance(since, datetime) or since.utcoffset() is None:
        raise InvalidCallError(
            "statusChangeDate is no datetime with a time zone",
            remedy="Give one, such as datetime.now(UTC)",
        )
    if since > now:
        raise InvalidCallError(
            "statusChangeDate lies in the future", remedy="Leave it out for the present"
        )


def _update_access(given: Variables, now: datetime) -> None:
    del now
    _one_of("status", given.get("status"), get_args(AccessStatus))


def _update_progress(given: Variables, now: datetime) -> None:
    del now
    progress = given.get("progress")
    if type(progress) is not int or not 0 <= progress <= _WHOLE:
        raise InvalidCallError(
            f"progress is a whole number from 0 to {_WHOLE}, not {progress!r}",
            remedy="100 completes the page",
        )


def _one_of(name: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InvalidCallError(
            f"there is no {name} {value!r} here", remedy=f"Use one of {', '.join(known)}"
        )


_RULES: Mapping[str, Callable[[Variables, datetime], None]] = {
    "courses.update_status": _update_status,
    "learning_paths.create": _create,
    "learning_paths.update_access": _update_access,
    "topics.update_progress": _update_progress,
}
