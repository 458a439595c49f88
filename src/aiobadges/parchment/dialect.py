"""How Parchment speaks: calls to requests, answers to replies and errors. No waiting in here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from typing import Any, TypeVar

import cattrs

from aiobadges.errors import (
    AlreadyHeldError,
    BadgesError,
    BadRequestError,
    BadResponseError,
    CallSite,
    InvalidCallError,
    RefusedError,
    UnauthorizedError,
)
from aiobadges.parchment.converter import make_converter
from aiobadges.parchment.envelope import complaints, describes_duplicate, is_refusal, unwrap
from aiobadges.values import UNSET
from aiobadges.wire.codec import Codec, DecodingError, Problem, read_items
from aiobadges.wire.exchange import Answer, Broken, Request, Response
from aiobadges.wire.links import is_page_of, next_page
from aiobadges.wire.operation import Call, Reply
from aiobadges.wire.outcome import settle
from aiobadges.wire.retry import Again, is_repeatable
from aiobadges.wire.statuses import error_class, error_of_break, is_done, remedy, words
from aiobadges.wire.url import fill, origin_of, query_string

__all__ = ["ParchmentDialect"]

T = TypeVar("T")

_JSON = "application/json"
_REQUEST_IDS = ("x-request-id", "x-amzn-requestid", "x-amzn-trace-id", "cf-ray")


class ParchmentDialect:
    """The dialect of Badgr's v2 API.

    Args:
        base_url: checked, without a slash at its end.
        converter: reads and writes the models; None for the usual one.
    """

    def __init__(self, base_url: str, converter: cattrs.Converter | None = None) -> None:
        self._base_url = base_url
        self._converter = converter

    @property
    def origin(self) -> str:
        """The only origin that is spoken to."""
        return origin_of(self._base_url)

    @cached_property
    def codec(self) -> Codec:
        """The codec. Models and their codecs load with the first value of theirs, part by part."""
        models = import_module("aiobadges.parchment.models")
        return Codec(self._converter or make_converter(), lambda name: getattr(models, name))

    def build(self, call: Call[Any]) -> Request:
        """Write the request of a call.

        Raises:
            InvalidCallError: an argument cannot be sent.
        """
        headers = {"Accept": call.operation.accept}
        body: bytes | None = None
        if call.body is not UNSET:
            headers["Content-Type"] = call.operation.body
            body = self._body(call)
        return Request(
            method=call.operation.method, url=self._url(call), headers=headers, body=body
        )

    def _body(self, call: Call[Any]) -> bytes:
        operation, body = call.operation, call.body
        try:
            if operation.row:
                return self.codec.encode_rows(body, operation.row)
            if isinstance(body, str) and not operation.body.endswith("json"):
                return body.encode()
            return self.codec.encode(body)
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise InvalidCallError(
                f"the body cannot be written: {error}", site=call.site(attempts=0)
            ) from None

    def _url(self, call: Call[Any]) -> str:
        operation = call.operation
        if call.url is None:
            try:
                query = query_string(call.query)
            except ValueError as error:
                raise InvalidCallError(str(error), site=call.site(attempts=0)) from None
            url = self._base_url + fill(operation.template, call.path)
            return f"{url}?{query}" if query else url
        if not is_page_of(call.url, base_url=self._base_url, template=operation.template):
            raise InvalidCallError(
                "the page address belongs to another server or operation",
                site=call.site(attempts=0),
            )
        return call.url

    def read(self, call: Call[T], answer: Answer, attempt: int) -> Reply[T] | Again | BadgesError:
        """Say what an answer means."""
        if isinstance(answer, Broken):
            site = call.site(status=answer.status, attempts=attempt)
            error = error_of_break(answer, site)
            return self._verdict(call, error)
        request_id = _request_id(answer.headers)
        site = call.site(status=answer.status, request_id=request_id, attempts=attempt)
        body: Any = None
        unreadable: DecodingError | None = None
        try:
            body = self.codec.parse(answer.body) if answer.body.strip() else None
        except DecodingError as broken:
            unreadable = broken
        if not is_done(answer.status):
            return self._verdict(call, self._error(call, answer, body, site))
        if is_refusal(body):
            fields = complaints(body)
            refusal = AlreadyHeldError if _is_duplicate_award(call, fields) else RefusedError
            return self._verdict(
                call,
                refusal(
                    _first_words(fields, "it said success: false"),
                    site=site,
                    field_errors=fields,
                    remedy=remedy(refusal),
                ),
            )
        is_text = call.operation.accept != _JSON
        try:
            if unreadable is not None and not is_text:
                raise unreadable
            return Reply(
                result=_text(answer) if is_text else self._result(call, body),
                status=answer.status,
                headers=answer.headers,
                request_id=request_id,
                next_url=self._next_page(call, answer, site),
            )
        except DecodingError as broken:
            what = "is HTML" if answer.body.lstrip()[:1] == b"<" else str(broken)
            error = BadResponseError(
                f"the answer cannot be read: {what}",
                site=site,
                field_errors={problem.path: (problem.message,) for problem in broken.problems},
                remedy=remedy(BadResponseError),
            )
            return self._verdict(call, error)
        except BadgesError as error:
            return error

    def _result(self, call: Call[T], body: Any) -> Any:
        operation = call.operation
        if operation.unwrap == "none" or (body is None and operation.may_be_empty):
            return None
        if body is None:
            raise DecodingError([Problem("$", "is empty")])
        opened = unwrap(body, "none")[0]
        if not operation.result:
            if operation.unwrap == "bare":
                return opened  # a list stays a list, however long it is
            return unwrap(body, operation.unwrap, operation.member)[0]
        if operation.may_be_empty and operation.unwrap != "many" and opened in (None, []):
            return None
        value, path = unwrap(body, operation.unwrap, operation.member)
        if operation.unwrap == "many":
            return read_items(
                value,
                path,
                lambda item, place: self.codec.structure(item, operation.result, path=place),
                keeps_undecodable=call.keeps_undecodable,
            )
        return self.codec.structure(value, operation.result, path=path)

    def _next_page(self, call: Call[Any], answer: Response, site: CallSite) -> str | None:
        if call.operation.unwrap != "many":
            return None
        return next_page(
            answer.headers.get("link", ""),
            requested=self._url(call),
            base_url=self._base_url,
            template=call.operation.template,
            site=site,
        )

    def _error(
        self, call: Call[Any], answer: Response, body: object, site: CallSite
    ) -> BadgesError:
        kind = error_class(answer.status)
        fields = complaints(body)
        if issubclass(kind, BadRequestError) and _is_duplicate_award(call, fields):
            return AlreadyHeldError(
                _first_words(fields, "the recipient holds this badge already"),
                site=site,
                field_errors=fields,
            )
        message = _first_words(fields, words(answer.status))
        return kind(message, site=site, field_errors=fields, remedy=remedy(kind))

    def _verdict(self, call: Call[Any], error: BadgesError) -> Again | BadgesError:
        settled = settle(call, error)
        if is_repeatable(error, idempotent=call.operation.idempotent):
            return Again(error=settled, refresh=isinstance(error, UnauthorizedError))
        return settled


def _request_id(headers: Mapping[str, str]) -> str:
    return next((headers[name] for name in _REQUEST_IDS if headers.get(name)), "")[:200]


def _text(answer: Response) -> Any:
    """Give the text of an answer that is none of JSON."""
    if answer.body.lstrip()[:1] == b"<":  # a gateway's page in the place of what was asked for
        raise DecodingError([Problem("$", "is HTML")])
    try:
        return answer.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DecodingError([Problem("$", "is not UTF-8 text")]) from None


def _is_duplicate_award(call: Call[Any], fields: Mapping[str, tuple[str, ...]]) -> bool:
    return call.operation.id.endswith(".award") and describes_duplicate(fields)


def _first_words(fields: Mapping[str, tuple[str, ...]], otherwise: str) -> str:
    for name, texts in fields.items():
        if texts:
            return f"{name}: {texts[0]}" if name else texts[0]
    return otherwise
