"""How Thought Industries speaks: calls to requests, answers to replies and errors. No waiting here.

The API key travels in the address, because the vendor wants it there, and the learner's token in a
header. Neither leaves this module but in a `Request`: whatever a server says is cleared of them
before it becomes a part of an error, and its cookies are dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import quote

from aiobadges.errors import (
    BadgesError,
    BadRequestError,
    BadResponseError,
    CallSite,
    ForbiddenError,
    InvalidCallError,
    NotFoundError,
    RefusedError,
    ServerError,
    UnauthorizedError,
)
from aiobadges.thought_industries.answers import Said, read_body
from aiobadges.thought_industries.arguments import check
from aiobadges.values import UNSET, Secret
from aiobadges.wire.codec import Codec, DecodingError, Problem, read_items
from aiobadges.wire.exchange import Answer, Broken, Request, Response
from aiobadges.wire.operation import Call, Reply
from aiobadges.wire.outcome import settle
from aiobadges.wire.retry import Again, is_repeatable
from aiobadges.wire.statuses import error_class, error_of_break, is_done, remedy, words
from aiobadges.wire.url import origin_of

__all__ = ["ThoughtIndustriesDialect"]

T = TypeVar("T")

_REQUEST_IDS = ("x-request-id", "x-amzn-requestid", "x-amzn-trace-id", "cf-ray")

# Results that are no models, by the name an operation gives them.
_PLAIN: Mapping[str, tuple[type, str]] = {
    "bool": (bool, "a boolean"),
    "int": (int, "a whole number"),
    "str": (str, "a string"),
}

_REMEDIES: Mapping[type[BadgesError], str] = {
    BadRequestError: "Check the arguments; a document of your own may ask for unknown fields",
    ForbiddenError: "Ask for the right that this needs, or act as another learner",
    NotFoundError: "Check the id or slug, and that it belongs to this tenant",
    UnauthorizedError: "Check the API key, and the token of the learner you act as",
}


class ThoughtIndustriesDialect:
    """The dialect of the GraphQL endpoint ``/helium``.

    An operation's ``document`` is the GraphQL document, the body of a call its variables by name.
    ``unwrap`` says where the result lies: ``one`` and ``many`` in the only root field, ``bare`` is
    all of ``data``. ``may_be_empty`` allows the root field to be null.

    Args:
        base_url: the tenant's host, checked, without a slash at its end.
        api_key: the key of the tenant.
        make_codec: makes what reads and writes the models; called once, at the first use.
        learner: the token of the learner to act as; None for nobody.
        now: the wall clock, in UTC, for dates that must not lie in the future.
    """

    def __init__(
        self,
        base_url: str,
        api_key: Secret,
        make_codec: Callable[[], Codec],
        *,
        learner: Secret | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if not api_key:
            raise InvalidCallError("the API key is empty", remedy="Set AIOBADGES_TI_API_KEY")
        if learner is not None and not _is_header(learner.reveal()):
            raise InvalidCallError(
                "the learner's token is empty or holds what no header can",
                remedy="Pass the token alone, as the vendor gave it",
            )
        self._base_url = base_url
        self._api_key = api_key
        self._learner = learner
        self._make_codec = make_codec
        self._now = now

    def acting_as(self, learner: Secret) -> ThoughtIndustriesDialect:
        """Give the dialect of another learner; models and key are shared.

        Raises:
            InvalidCallError: the token cannot be sent.
        """
        return ThoughtIndustriesDialect(
            self._base_url, self._api_key, lambda: self.codec, learner=learner, now=self._now
        )

    def __repr__(self) -> str:
        acting = "" if self._learner is None else ", acting as a learner"
        return f"<ThoughtIndustriesDialect {self._base_url}{acting}>"

    @property
    def origin(self) -> str:
        """The only origin that is spoken to."""
        return origin_of(self._base_url)

    @cached_property
    def codec(self) -> Codec:
        """The codec. Its first use loads the models: warm it in a thread."""
        return self._make_codec()

    def build(self, call: Call[Any]) -> Request:
        """Write the request of a call.

        Raises:
            InvalidCallError: an argument breaks a rule of the vendor's, or cannot be sent.
        """
        return Request(
            method=call.operation.method,
            url=f"{self._base_url}{call.operation.template}"
            f"?apiKey={quote(self._api_key.reveal(), safe='')}",
            headers=self._headers(),
            body=self._body(call),
        )

    def _headers(self) -> dict[str, str]:
        # Not a local variable of `build`: tracebacks with variables would show the token.
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if self._learner is not None:
            headers["authToken"] = self._learner.reveal()
        return headers

    def _body(self, call: Call[Any]) -> bytes:
        given = {} if call.body is UNSET else call.body
        if not isinstance(given, Mapping):
            raise InvalidCallError(
                "the variables are no mapping", site=call.site(attempts=0), remedy="Give a dict"
            )
        # What is not given is left out: null would be a value, and another answer.
        variables = {name: value for name, value in given.items() if value is not UNSET}
        try:
            check(call.operation.id, variables, now=self._now())
            return self.codec.encode({"query": call.operation.document, "variables": variables})
        except InvalidCallError as error:
            raise InvalidCallError(
                error.message, remedy=error.remedy, site=call.site(attempts=0)
            ) from None
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise InvalidCallError(
                f"the variables cannot be written as JSON: {error}", site=call.site(attempts=0)
            ) from None

    def read(self, call: Call[T], answer: Answer, attempt: int) -> Reply[T] | Again | BadgesError:
        """Say what an answer means."""
        if isinstance(answer, Broken):
            site = call.site(status=answer.status, attempts=attempt)
            error = error_of_break(answer, site)
            return _verdict(call, error)
        request_id = self._cleared(_request_id(answer.headers))[:200]
        site = call.site(status=answer.status, request_id=request_id, attempts=attempt)
        body: Any = None
        unreadable: DecodingError | None = None
        try:
            body = self.codec.parse(answer.body)
        except DecodingError as broken:
            unreadable = broken
        said = read_body(body, self._cleared)
        if not is_done(answer.status):
            return _verdict(call, _error(error_class(answer.status), said, site))
        if said.complaints:
            return _verdict(call, _complained(call, said, site))
        try:
            if unreadable is not None:
                raise unreadable
            return Reply(
                result=self._result(call, said),
                status=answer.status,
                headers={n: text for n, text in answer.headers.items() if n != "set-cookie"},
                request_id=request_id,
            )
        except DecodingError as broken:
            return _verdict(call, _unreadable(answer, broken, site))

    def _result(self, call: Call[T], said: Said) -> Any:
        operation = call.operation
        if said.data is None:
            raise DecodingError([Problem("$.data", "is null" if said.has_data else "is missing")])
        if operation.unwrap == "bare":
            return said.data
        if operation.unwrap == "none":
            return None
        if len(said.data) != 1:
            raise DecodingError([Problem("$.data", f"has {len(said.data)} members, not one")])
        ((name, value),) = said.data.items()
        path = f"$.data.{name}"
        if value is None and operation.may_be_empty:
            return None
        if operation.unwrap == "one":
            return self._structured(value, operation.result, path)
        if not isinstance(value, list):
            raise DecodingError([Problem(path, "is no list")])
        found = read_items(
            value,
            path,
            lambda item, place: (
                None if item is None else self._structured(item, operation.result, place)
            ),
            keeps_undecodable=call.keeps_undecodable,
        )
        return [item for item in found if item is not None]  # gone, or not for this learner

    def _structured(self, value: object, name: str, path: str) -> Any:
        if name not in _PLAIN:
            return self.codec.structure(value, name, path=path)
        kind, words = _PLAIN[name]
        if type(value) is not kind:
            raise DecodingError([Problem(path, f"is not {words}")])
        return value

    def _cleared(self, text: str) -> str:
        """Take key and token out of what a server says; some echo the address or the headers."""
        for secret in (self._api_key, self._learner):
            if secret is not None:
                plain = secret.reveal()
                for form in (plain, quote(plain, safe=""), quote(plain)):
                    text = text.replace(form, "***")
        return text


def _complained(call: Call[Any], said: Said, site: CallSite) -> BadgesError:
    """Give the error for a 2xx that complains.

    A mutation is only taken to be rejected when that is clear: nothing was executed, or its root
    field is null and an error with a known code is about that field itself.
    """
    first = said.complaints[0]
    is_clear = not said.has_data or (said.root_is_null and first.depth <= 1)
    if first.kind is not None and (is_clear or first.kind is ServerError):
        return _error(first.kind, said, site)
    if not said.has_data or (is_clear and call.operation.idempotent):
        return _error(RefusedError, said, site)
    return _error(BadResponseError, said, site)


def _error(kind: type[BadgesError], said: Said, site: CallSite) -> BadgesError:
    fields = said.fields
    message = words(site.status or 0)
    for path, messages in fields.items():
        message = f"{path}: {messages[0]}" if path else messages[0]
        break
    if not said.root_is_null:
        message = f"the answer is incomplete: {message}"
    return kind(message, site=site, field_errors=fields, remedy=_REMEDIES.get(kind) or remedy(kind))


def _verdict(call: Call[Any], error: BadgesError) -> Again | BadgesError:
    settled = settle(call, error)
    if (
        not isinstance(error, UnauthorizedError)  # there is no other key or token to try
        and is_repeatable(error, idempotent=call.operation.idempotent)
    ):
        return Again(error=settled)
    return settled


def _unreadable(answer: Response, broken: DecodingError, site: CallSite) -> BadResponseError:
    what = "is HTML" if answer.body.lstrip()[:1] == b"<" else str(broken)
    return BadResponseError(
        f"the answer cannot be read: {what}",
        site=site,
        field_errors={problem.path: (problem.message,) for problem in broken.problems},
        remedy=remedy(BadResponseError),
    )


def _request_id(headers: Mapping[str, str]) -> str:
    return next((headers[name] for name in _REQUEST_IDS if headers.get(name)), "")


def _is_header(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable() and text == text.strip()
