"""What can go wrong, as one tree. Everything that is raised on purpose derives from BadgesError.

::

    BadgesError
    +-- InvalidCallError            a wrong argument or setting; nothing was tried
    |   +-- UnsafeLinkError         the server's next page lies outside the pinned origin
    |   +-- InsecureUrlError        plain http to something that is not this machine
    +-- NotSentError                nothing can have reached the server
    |   +-- ConnectError            no connection: name, network, proxy
    |   |   +-- CertificateError    the server's certificate is not accepted
    |   +-- SignInError             no token could be had
    |   +-- DeadlineError           the deadline passed before a first attempt
    +-- RejectedError               the server answered, and did not do it
    |   +-- BadRequestError         400, 422: see field_errors
    |   |   +-- AlreadyHeldError    the recipient holds this badge already
    |   +-- UnauthorizedError       401, also after a refresh
    |   +-- ForbiddenError          403
    |   +-- NotFoundError           404; also for a missing scope or role
    |   +-- ConflictError           409
    |   +-- RateLimitedError        429
    |   +-- UnexpectedStatusError   3xx, 405, 413, 415 and other 4xx
    |   +-- RefusedError            2xx whose envelope says success: false
    +-- FailedError                 a read or an idempotent call got no good answer
    |   +-- TimeoutFailedError      no answer in time
    |   +-- DisconnectedError       the connection broke after the request may have left
    |   +-- ServerError             5xx
    |   +-- BadResponseError        an answer that cannot be read
    +-- OutcomeUnknownError         a write that is not idempotent met a FailedError:
                                    it may have happened; ``__cause__`` says what was met

The first question after a write is which of NotSent, Rejected and OutcomeUnknown it was.
Texts name the operation, never a token, an API key or an address.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import attrs

__all__ = [
    "AlreadyHeldError",
    "BadRequestError",
    "BadResponseError",
    "BadgesError",
    "CallSite",
    "CertificateError",
    "ConflictError",
    "ConnectError",
    "DeadlineError",
    "DisconnectedError",
    "FailedError",
    "ForbiddenError",
    "InsecureUrlError",
    "InvalidCallError",
    "NotFoundError",
    "NotSentError",
    "OutcomeUnknownError",
    "RateLimitedError",
    "RefusedError",
    "RejectedError",
    "ServerError",
    "SignInError",
    "TimeoutFailedError",
    "UnauthorizedError",
    "UnexpectedStatusError",
    "UnsafeLinkError",
]


@attrs.frozen(kw_only=True)
class CallSite:
    """Which call an error speaks of, without a path argument or query (they may hold addresses).

    Attributes:
        operation: its id, such as ``badgeclasses.award``.
        method: the HTTP method.
        template: the path with its placeholders.
        status: the HTTP status, None when there was no answer.
        request_id: what the server (or we) called the request; quote it to the vendor.
        attempts: how many exchanges were tried, the last one included.
    """

    operation: str = ""
    method: str = ""
    template: str = ""
    status: int | None = None
    request_id: str = ""
    attempts: int = 1

    def __str__(self) -> str:
        words = [f"{self.method} {self.template}".strip()]
        if self.status is not None:
            words.append(f"answered {self.status}")
        return " ".join(word for word in words if word)


class BadgesError(Exception):
    """The root of the tree above.

    Attributes:
        message: what went wrong, in one sentence.
        remedy: what to do about it; empty when there is nothing to say.
        site: the call it happened in, None outside a call.
        field_errors: the server's complaints by field, as it worded them; ``""`` holds those
            that name no field.
    """

    def __init__(
        self,
        message: str,
        *,
        remedy: str = "",
        site: CallSite | None = None,
        field_errors: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.site = site
        self.field_errors: dict[str, tuple[str, ...]] = dict(field_errors or {})

    @property
    def status(self) -> int | None:
        """The HTTP status, None when there was no answer."""
        return self.site.status if self.site else None

    @property
    def request_id(self) -> str:
        """The id under which the vendor can find the request; empty when there is none."""
        return self.site.request_id if self.site else ""

    def __str__(self) -> str:
        text = f"{self.site}: {self.message}" if self.site and str(self.site) else self.message
        if self.request_id:
            text += f" (request id {self.request_id})"
        return f"{text.removesuffix('.')}. {self.remedy}" if self.remedy else text

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle with site, fields and cause, so that an error survives a process pool."""
        state = {
            "remedy": self.remedy,
            "site": self.site,
            "field_errors": self.field_errors,
            "cause": self.__cause__ if isinstance(self.__cause__, BadgesError) else None,
        }
        return (type(self), (self.message,), state)

    def __setstate__(self, state: dict[str, Any] | None) -> None:
        if state is None:
            return
        cause = state.pop("cause", None)
        self.__dict__.update(state)
        if cause is not None:
            self.__cause__ = cause

    def caused_by(self, cause: BadgesError) -> Self:
        """Give this error with its cause set, for code that returns errors as values."""
        self.__cause__ = cause
        return self


class InvalidCallError(BadgesError):
    """A wrong argument or setting. Nothing was tried."""


class UnsafeLinkError(InvalidCallError):
    """The server names a next page outside its own origin or operation. It was not followed."""


class InsecureUrlError(InvalidCallError):
    """A plain http address that is not on this machine."""


class NotSentError(BadgesError):
    """Nothing can have reached the server: trying again doubles nothing."""


class ConnectError(NotSentError):
    """No connection could be made: name look-up, network, TLS or proxy."""


class CertificateError(ConnectError):
    """The server could not prove who it is. Nothing was sent, and no retry will change it."""


class SignInError(NotSentError):
    """No token could be had. A failed login is never repeated by this library."""


class DeadlineError(NotSentError):
    """The deadline passed while the call was still waiting for its first attempt."""


class RejectedError(BadgesError):
    """The server answered and did not do it."""


class BadRequestError(RejectedError):
    """400 or 422: ``field_errors`` says what it did not like."""


class AlreadyHeldError(BadRequestError):
    """The recipient already holds a live award of this badge class."""


class UnauthorizedError(RejectedError):
    """401, also after a refresh where one was possible."""


class ForbiddenError(RejectedError):
    """403: signed in, but not allowed."""


class NotFoundError(RejectedError):
    """404: no such thing, or not yours to see (the server does not tell which)."""


class ConflictError(RejectedError):
    """409: it collides with the present state."""


class RateLimitedError(RejectedError):
    """429: too many requests."""


class UnexpectedStatusError(RejectedError):
    """A status that no operation documents: a redirect, 405, 413, 415 or another 4xx."""


class RefusedError(RejectedError):
    """A 2xx whose envelope says ``success: false``."""


class FailedError(BadgesError):
    """No good answer came to a call that can safely be repeated."""


class TimeoutFailedError(FailedError):
    """No answer in time."""


class DisconnectedError(FailedError):
    """The connection broke after the request may have left."""


class ServerError(FailedError):
    """5xx: the server failed while working on it."""


class BadResponseError(FailedError):
    """An answer that cannot be read: HTML, a cut body, a wrong type at a named path."""


class OutcomeUnknownError(BadgesError):
    """A write may or may not have happened. Look before you repeat it; ``__cause__`` says why."""
