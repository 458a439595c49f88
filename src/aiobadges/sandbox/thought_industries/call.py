"""One call: the state it works on, who acts, and how it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiobadges.sandbox.thought_industries.records import Learner
    from aiobadges.sandbox.thought_industries.state import State

__all__ = ["Call", "Refused"]


class Refused(Exception):  # noqa: N818 - GraphQL turns it into an error of its own
    """Raised by a resolver to refuse; ``extensions`` is what GraphQL writes beside the message."""

    def __init__(self, message: str, code: str = "BAD_USER_INPUT") -> None:
        super().__init__(message)
        self.extensions = {"code": code}


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose key is good.

    Attributes:
        state: the tables.
        actor: the learner a token names, None without one.
        now: when it came.
    """

    state: State
    actor: Learner | None
    now: str

    @property
    def learner(self) -> Learner:
        """The learner that acts.

        Raises:
            Refused: nobody does.
        """
        if self.actor is None:
            raise Refused("no learner acts: send an authToken header", "UNAUTHENTICATED")
        return self.actor
