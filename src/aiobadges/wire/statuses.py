"""What an HTTP status or a broken exchange means, and what a person can do about it."""

from __future__ import annotations

from http import HTTPStatus

from aiobadges.errors import (
    BadgesError,
    BadRequestError,
    BadResponseError,
    CallSite,
    CertificateError,
    ConflictError,
    ConnectError,
    DisconnectedError,
    FailedError,
    ForbiddenError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
    RejectedError,
    ServerError,
    TimeoutFailedError,
    UnauthorizedError,
    UnexpectedStatusError,
)
from aiobadges.wire.exchange import Broken, BrokenBy

__all__ = ["error_class", "error_of_break", "is_done", "remedy", "words"]

_REJECTIONS: dict[int, type[RejectedError]] = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    422: BadRequestError,
    429: RateLimitedError,
}

_FAILURES: dict[int, type[FailedError]] = {
    408: TimeoutFailedError,  # the server gave up waiting for the request: what it saw is unclear
}

_BREAKS: dict[BrokenBy, type[BadgesError]] = {
    "connect": ConnectError,
    "certificate": CertificateError,
    "timeout": TimeoutFailedError,
    "disconnect": DisconnectedError,
    "too-large": BadResponseError,
    "garbled": BadResponseError,
}

_REMEDIES: dict[type[BadgesError], str] = {
    ConnectError: "Check the region, the network and the proxy",
    UnauthorizedError: "Sign in again; a token belongs to one region and lasts about a day",
    ForbiddenError: "Ask for the role or the scope that this needs",
    # The open source server answers 404 for a missing scope or role, too.
    NotFoundError: "Check the id, the region, and that this account has a role on the issuer",
    RateLimitedError: "Lower the rate or the concurrency",
    UnexpectedStatusError: "Check the base URL: a gateway seems to answer in the API's place",
    BadResponseError: "Try later; if it stays, check the base URL, the proxy and the gateways",
    DisconnectedError: "Try later; if it stays, check the network and the proxy",
    TimeoutFailedError: "Try later; if it stays, tell the vendor when it was",
    RefusedError: "Try later; if it stays, tell the vendor the request id",
    ServerError: "Try later; if it stays, tell the vendor the request id",
}


def is_done(status: int) -> bool:
    """Say whether the status is a 2xx. The body can still say no."""
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def error_class(status: int) -> type[RejectedError | FailedError]:
    """Give the error for a status that is not 2xx."""
    if status in _FAILURES:
        return _FAILURES[status]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServerError
    return _REJECTIONS.get(status, UnexpectedStatusError)


def words(status: int) -> str:
    """Say what a status means, for an answer whose body says nothing."""
    try:
        meaning = HTTPStatus(status).phrase.lower()
    except ValueError:
        meaning = "a status without a name"
    return f"the answer says no more ({meaning})"


def remedy(error: type[BadgesError]) -> str:
    """Say what to do about an error of that class; empty when there is nothing general to say."""
    return _REMEDIES.get(error, "")


def error_of_break(broken: Broken, site: CallSite) -> BadgesError:
    """Give the error for an exchange that brought no whole answer."""
    kind = _BREAKS[broken.by]
    hint = "Set AIOBADGES_CA_FILE when your network has a CA of its own"
    return kind(broken.detail, site=site, remedy=hint if kind is CertificateError else remedy(kind))
