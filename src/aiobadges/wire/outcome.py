"""What became of a write: done, not sent, rejected, or not known.

The model is Kafka's persistence status: "not persisted", "possibly persisted", "persisted" are
three answers, and code that has only two of them doubles effects.
"""

from __future__ import annotations

import enum

from aiobadges.errors import (
    BadgesError,
    FailedError,
    InvalidCallError,
    NotSentError,
    OutcomeUnknownError,
    RejectedError,
)
from aiobadges.wire.operation import Call

__all__ = ["WriteOutcome", "outcome_of", "settle"]


class WriteOutcome(enum.Enum):
    """What is known of a write when its call has ended."""

    DONE = "done"
    NOT_SENT = "not-sent"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


def outcome_of(error: BaseException | None) -> WriteOutcome:
    """Say what became of a write that ended with this error, None for a good reply.

    Whatever is not one of our errors, cancellation included, is UNKNOWN: it may have been thrown
    while the request was under way.
    """
    match error:
        case None:
            return WriteOutcome.DONE
        case NotSentError() | InvalidCallError():
            return WriteOutcome.NOT_SENT
        case RejectedError():
            return WriteOutcome.REJECTED
        case _:
            return WriteOutcome.UNKNOWN


def settle(call: Call[object], error: BadgesError) -> BadgesError:
    """Give the error to raise: a failed write that is not idempotent has an unknown outcome."""
    if call.operation.idempotent or not isinstance(error, FailedError):
        return error
    return OutcomeUnknownError(
        f"it may or may not have been done: {error.message}",
        site=error.site,
        remedy="Look whether it was done before you send it again",
    ).caused_by(error)
