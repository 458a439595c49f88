"""The envelope around most bodies of the API, and the refusals worded in it.

A result is always a list, for single objects, too. The token endpoint does not use it, nor do the
successes of pathways and of a few calls more; their refusals do.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

import msgspec

from aiobadges.sandbox import moments
from aiobadges.sandbox.exchange import Answer

__all__ = [
    "MISCELLANEOUS",
    "NOT_FOUND",
    "NO_TOKEN",
    "REQUIRED",
    "Refused",
    "bad_request",
    "bare",
    "created",
    "done",
    "invalid_cursor",
    "no_content",
    "not_found",
    "ok",
    "refuse",
    "unauthorized",
]

# Seen on the hosted service in 2019.
NO_TOKEN: Final = "no valid auth token found"  # noqa: S105 - a text about tokens
NOT_FOUND: Final = "entity not found or insufficient privileges"
REQUIRED: Final = "This field is required"

# What the open source server says of errors it has no words for.
MISCELLANEOUS: Final = "miscellaneous error"

_encode = msgspec.json.Encoder().encode


class Refused(Exception):  # noqa: N818 - it carries an answer, which may be no error
    """Raised by an operation to answer something else than it was asked for."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def wrap(
    *,
    success: bool,
    description: str,
    result: list[dict[str, Any]] | msgspec.UnsetType,
    validation_errors: list[Any] | None = None,
    field_errors: Any = None,
) -> bytes:
    """Write an envelope with all members that the present documentation lists."""
    envelope: dict[str, Any] = {
        "status": {"success": success, "description": description},
        "result": result,
        "timestamp": moments.now(),
        "validationErrors": validation_errors or [],
        "nonFieldErrors": [],
        "fieldErrors": {} if field_errors is None else field_errors,
        "errorCode": None,
        "warnings": {},
        "latestTermsVersion": 1,
    }
    if result is msgspec.UNSET:
        del envelope["result"]
    return _encode(envelope)


def ok(result: list[dict[str, Any]], headers: dict[str, str] | None = None) -> Answer:
    """Answer 200."""
    body = wrap(success=True, description="ok", result=result)
    return Answer(HTTPStatus.OK, body, headers or {})


def created(*things: dict[str, Any]) -> Answer:
    """Answer 201."""
    return Answer(HTTPStatus.CREATED, wrap(success=True, description="ok", result=list(things)))


def done() -> Answer:
    """Answer 200 to a deletion: the envelope without a result, as the documentation shows it."""
    return Answer(HTTPStatus.OK, wrap(success=True, description="ok", result=msgspec.UNSET))


def no_content() -> Answer:
    """Answer 204."""
    return Answer(HTTPStatus.NO_CONTENT, b"", content_type="")


def bare(body: object, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    """Answer without an envelope, as some operations are documented to."""
    return Answer(status, _encode(body))


def refuse(
    status: int,
    description: str = MISCELLANEOUS,
    *,
    validation_errors: list[Any] | None = None,
    field_errors: Any = None,
) -> Answer:
    """Answer that something was not done."""
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    body = wrap(
        success=False,
        description=description,
        result=[],
        validation_errors=validation_errors,
        field_errors=field_errors,
    )
    return Answer(status, body, headers)


def bad_request(*validation_errors: object, fields: dict[str, Any] | None = None) -> Refused:
    """Refuse a body: with errors of the whole, or of fields.

    Field errors of nested objects nest, and those of a list are a list of objects: the open source
    server answers so, while the present documentation shows lists of texts only.
    """
    return Refused(
        refuse(
            HTTPStatus.BAD_REQUEST,
            "bad request",
            validation_errors=list(validation_errors),
            field_errors=fields,
        )
    )


def unauthorized() -> Refused:
    """Refuse a request without a token that is good."""
    return Refused(refuse(HTTPStatus.UNAUTHORIZED, NO_TOKEN))


def not_found() -> Refused:
    """Refuse an id that leads nowhere, or nowhere for this caller.

    A missing scope or role is 404, too: the open source server maps permission denied so.
    """
    return Refused(refuse(HTTPStatus.NOT_FOUND, NOT_FOUND))


def invalid_cursor() -> Refused:
    """Refuse a cursor. The errors are a text and not an object: the open source server again."""
    return Refused(refuse(HTTPStatus.NOT_FOUND, field_errors="Invalid cursor"))
