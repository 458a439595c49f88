"""The answers around a result: refusals, and the headers that say what is left.

What a wrong key, a wrong token or the limit are answered with is not documented for GraphQL. Where
the vendor's REST API says it, it is taken from there: a 401 has no body, a 429 names the wait.
"""

from __future__ import annotations

import math
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import msgspec

from aiobadges.sandbox.exchange import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiobadges.sandbox.thought_industries.meter import Admission, PointLimits

__all__ = ["limit_headers", "refusal", "reply", "too_many"]

CODES: Final[Mapping[int, str]] = {
    HTTPStatus.OK: "BAD_USER_INPUT",
    HTTPStatus.BAD_REQUEST: "BAD_REQUEST",
    HTTPStatus.FORBIDDEN: "FORBIDDEN",
    HTTPStatus.NOT_FOUND: "NOT_FOUND",
    HTTPStatus.UNAUTHORIZED: "UNAUTHENTICATED",
}


def reply(
    body: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
    status: int = HTTPStatus.OK,
) -> Answer:
    """Write a body."""
    return Answer(status, msgspec.json.encode(body), headers or {})


def refusal(status: int, message: str = "") -> Answer:
    """Refuse, in the words of GraphQL where there are any."""
    if status == HTTPStatus.UNAUTHORIZED and not message:
        return Answer(status, b"")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return too_many(1)
    error = {
        "message": message or HTTPStatus(status).phrase,
        "extensions": {"code": CODES.get(status, "INTERNAL_SERVER_ERROR")},
    }
    body: dict[str, Any] = {"errors": [error]}
    if status == HTTPStatus.OK:
        body["data"] = None
    return reply(body, status=status)


def too_many(seconds: int, headers: Mapping[str, str] | None = None) -> Answer:
    """Refuse for the limit."""
    return reply(
        {
            "error": "rate_limit_exceeded",
            "message": "Too many requests",
            "retryAfter": seconds,
        },
        {**(headers or {}), "Retry-After": str(seconds)},
        HTTPStatus.TOO_MANY_REQUESTS,
    )


def limit_headers(admission: Admission, cost: int, limits: PointLimits) -> dict[str, str]:
    """Say what a query cost and what is left. The reset is in seconds since 1970, rounded up."""
    return {
        "X-RateLimit-Remaining": str(admission.remaining),
        "X-RateLimit-Reset": str(math.ceil(time.time() + admission.seconds)),
        "X-Complexity-Cost": str(cost),
        "X-Complexity-Limit": str(limits.query),
    }
