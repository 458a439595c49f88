"""What a difference is: a place, words, and what it means for who uses the generated client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal

import attrs

__all__ = [
    "DIRECTIONS",
    "KINDS",
    "Change",
    "Direction",
    "Kind",
    "Step",
    "Use",
    "judge",
    "semver_step",
]

Kind = Literal["breaking", "additive", "neutral"]
Direction = Literal["request", "response", "both", "none"]
Step = Literal["major", "minor", "patch"]

KINDS: Final[tuple[Kind, ...]] = ("breaking", "additive", "neutral")
DIRECTIONS: Final[tuple[Direction, ...]] = ("none", "both", "request", "response")
_STEPS: Final[dict[Kind, Step]] = {"breaking": "major", "additive": "minor", "neutral": "patch"}


@attrs.frozen
class Change:
    """One difference between two documents.

    Attributes:
        kind: what it does to code written against the old client.
        where: an operation's id, ``issuers.list(num)`` for an argument, ``Issuer`` or
            ``Issuer.name`` for a schema, ``parameters.Num`` for what several operations share.
        direction: whether it concerns what is sent, what is read, both alike, or neither.
        what: the difference in words; it follows the place in a sentence.
    """

    kind: Kind
    where: str
    direction: Direction
    what: str


@attrs.frozen
class Use:
    """Which ways a schema travels: in requests, in answers, or in both."""

    sent: bool = False
    read: bool = False


def judge(where: str, use: Use, what: str, *, sent: Kind, read: Kind) -> Iterator[Change]:
    """Give the verdicts on one difference: one where both directions agree, else one for each."""
    if use.sent and use.read and sent == read:
        yield Change(sent, where, "both", what)
        return
    if use.sent:
        yield Change(sent, where, "request", what)
    if use.read:
        yield Change(read, where, "response", what)


def semver_step(changes: Iterable[Change]) -> Step | None:
    """Give the step the version must make: the greatest any of the changes asks for."""
    kinds = {change.kind for change in changes}
    return next((_STEPS[kind] for kind in KINDS if kind in kinds), None)
