"""What can be seen of a call while it runs: event values, and the log records made of them.

A hook is any callable that takes an `Event`. It is called on the event loop and must not block;
what it raises is raised by the call. The log is such a hook, always there, and silent until the
application configures the logger ``aiobadges.transport``.

Fields of a log record (``record.event``, ...): event, operation, method, template, attempt, status,
seconds, request_id, outcome. No record holds a path argument, a query, a body, a token or an address.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeAlias

import attrs

__all__ = ["AttemptEnded", "Event", "Hook", "Paused", "TokenRenewed", "WillRetry", "log_event"]

_logger = logging.getLogger("aiobadges.transport")
_logger.addHandler(logging.NullHandler())


@attrs.frozen(kw_only=True)
class AttemptEnded:
    """One exchange is over.

    Attributes:
        operation: the operation's id.
        method: the HTTP method.
        template: the path template, for a metric's label.
        attempt: its number, from 1.
        status: the HTTP status, None when no answer came.
        seconds: how long the exchange took.
        request_id: the id to quote to the vendor.
        outcome: ``ok``, or the name of the error this attempt would raise.
    """

    operation: str
    method: str
    template: str
    attempt: int
    status: int | None
    seconds: float
    request_id: str
    outcome: str


@attrs.frozen(kw_only=True)
class WillRetry:
    """The call goes on after a wait of that many seconds, or longer while all calls pause."""

    operation: str
    attempt: int
    seconds: float
    outcome: str


@attrs.frozen(kw_only=True)
class Paused:
    """The server asked for a pause; every call of the client waits that many seconds."""

    seconds: float
    status: int


@attrs.frozen(kw_only=True)
class TokenRenewed:
    """A new access token is in use."""


Event: TypeAlias = AttemptEnded | WillRetry | Paused | TokenRenewed
Hook: TypeAlias = Callable[[Event], None]

_LEVELS: dict[type, int] = {
    AttemptEnded: logging.DEBUG,
    WillRetry: logging.INFO,
    Paused: logging.WARNING,
    TokenRenewed: logging.INFO,
}
_NAMES: dict[type, str] = {
    AttemptEnded: "attempt-ended",
    WillRetry: "will-retry",
    Paused: "paused",
    TokenRenewed: "token-renewed",
}


def log_event(event: Event) -> None:
    """Write an event to the log ``aiobadges.transport``."""
    level = _LEVELS[type(event)]
    if _logger.isEnabledFor(level):
        fields = attrs.asdict(event) | {"event": _NAMES[type(event)]}
        text = " ".join(f"{key}={value}" for key, value in fields.items() if key != "event")
        _logger.log(level, "%s %s", fields["event"], text, extra=fields)
