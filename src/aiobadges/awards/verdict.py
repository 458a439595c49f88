"""What an answer means for an effect, and for the whole run. Pure: errors in, decisions out.

An answer speaks either of one row (this address is not valid) or of every row (this token is not
valid). The second kind pauses the run: the next row would meet the same, and rows that fail for a
cause that is not theirs would have to be found and planned again by hand.
"""

from __future__ import annotations

import enum
from typing import TypeVar

import attrs

from aiobadges.awards.states import AnswerLost, Event, NotDone, Refused
from aiobadges.errors import (
    AlreadyHeldError,
    BadgesError,
    BadRequestError,
    CertificateError,
    ConflictError,
    ConnectError,
    InvalidCallError,
    NotSentError,
    RateLimitedError,
    RefusedError,
    RejectedError,
    SignInError,
)

__all__ = ["EQUAL_REFUSALS", "ForTheRun", "RefusalStreak", "Verdict", "verdict_of"]

E = TypeVar("E", NotDone, Refused, AnswerLost)

EQUAL_REFUSALS = 20
"""So many in a row are not twenty people's fault."""


class ForTheRun(enum.Enum):
    """What an answer means beyond its own row."""

    GO_ON = "go on"
    SLOW_DOWN = "slow down"
    PAUSE = "pause"


@attrs.frozen(kw_only=True)
class Verdict:
    """What became of a send.

    Attributes:
        event: what happened to the effect.
        run: what it means for the others.
    """

    event: Event
    run: ForTheRun = ForTheRun.GO_ON


@attrs.frozen(kw_only=True)
class _Told:
    error_code: str
    error_message: str
    request_id: str

    def of(self, event: type[E]) -> E:
        return event(**attrs.asdict(self))


def verdict_of(error: BadgesError) -> Verdict:
    """Say what a send that ended with this error means."""
    told = _Told(
        error_code=type(error).__name__.removesuffix("Error"),
        error_message=error.message,
        request_id=error.request_id,
    )
    match error:
        case CertificateError() | SignInError():
            verdict = Verdict(event=told.of(NotDone), run=ForTheRun.PAUSE)
        case ConnectError() | RateLimitedError():
            verdict = Verdict(event=told.of(NotDone), run=ForTheRun.SLOW_DOWN)
        case InvalidCallError():
            # It cannot be written as a request: the row's own fault, and no other row's.
            verdict = Verdict(event=told.of(Refused))
        case NotSentError():
            verdict = Verdict(event=told.of(NotDone))
        case AlreadyHeldError():
            verdict = Verdict(event=attrs.evolve(told.of(Refused), is_held=True))
        case BadRequestError() | ConflictError() | RefusedError():
            verdict = Verdict(event=told.of(Refused))
        case RejectedError():  # 401 after a refresh, 403, 404, 3xx, 405, 413, 415
            verdict = Verdict(event=told.of(NotDone), run=ForTheRun.PAUSE)
        case _:
            cause = error.__cause__ or error
            code = type(cause).__name__.removesuffix("Error")
            verdict = Verdict(event=attrs.evolve(told.of(AnswerLost), error_code=code))
    return verdict


class RefusalStreak:
    """Counts refusals in a row that say the same; the rows of a streak are not decided yet.

    They wait until another answer shows that the cause is theirs, or until there are so many that
    it cannot be.
    """

    def __init__(self, limit: int = EQUAL_REFUSALS) -> None:
        self._limit = limit
        self._says: tuple[str, str] | None = None
        self.effects: set[int] = set()

    def note(self, effect: int, event: Event) -> bool:
        """Note what became of a send; say whether the run must pause."""
        if not isinstance(event, Refused) or event.is_held:
            self.end()
            return False
        says = (event.error_code, event.error_message)
        if says != self._says:
            self.end()
            self._says = says
        self.effects.add(effect)
        return len(self.effects) >= self._limit

    def end(self) -> None:
        """Let the rows of the streak be decided one by one."""
        self._says = None
        self.effects = set()
