"""The values a call is made of, and the seam to a vendor.

An `Operation` is a constant of the API; a `Call` is one use of it; a `Reply` is what came back.
A `Dialect` turns calls into requests and answers into replies or errors, without waiting.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar

import attrs

from aiobadges.errors import CallSite
from aiobadges.values import UNSET

if TYPE_CHECKING:
    from aiobadges.errors import BadgesError
    from aiobadges.wire.exchange import Answer, Request
    from aiobadges.wire.retry import Again

__all__ = ["Call", "Dialect", "Operation", "Reply", "Unwrap"]

T = TypeVar("T")

Unwrap = Literal["one", "many", "bare", "none"]


@attrs.frozen(kw_only=True)
class Operation(Generic[T]):
    """One operation of an API; ``T`` is what its method returns, already unwrapped.

    Attributes:
        id: resource path and verb, ``badgeclasses.award``.
        method: the HTTP method.
        template: the path with placeholders, filled in order.
        idempotent: whether doing it twice is the same as doing it once.
        cost: what it takes from the pace (requests, or the vendor's points).
        result: the name of the model in the answer; empty when there is none.
        unwrap: where the result lies: the single item or all items of the envelope's list, the
            body itself, or nowhere.
        member: the member of a body without envelope that holds the items; empty for none.
        may_be_empty: whether the server may answer without a body; ``T`` then includes None.
        page_parameter: the query parameter that asks for a page by its number; empty for lists
            whose next page is named by a Link header.
        accept: the media type of the answer; what is not JSON is given as text.
        body: the media type of the request body.
        row: the name of the model of one row of a text/csv body.
        document: the GraphQL document, empty for REST.
        label: what errors and logs show instead of a template that holds arguments.
    """

    id: str
    method: str
    template: str
    idempotent: bool
    cost: int = 1
    result: str = ""
    unwrap: Unwrap = "bare"
    member: str = ""
    may_be_empty: bool = False
    page_parameter: str = ""
    accept: str = "application/json"
    body: str = "application/json"
    row: str = ""
    document: str = ""
    label: str = ""


@attrs.frozen(kw_only=True)
class Call(Generic[T]):
    """One use of an operation.

    Attributes:
        operation: what is called.
        path: the values of the template's placeholders, in order, unencoded.
        query: names and values in order; a value of None is not sent, a list repeats the name.
        body: a model, a list of models or JSON-ready data; UNSET for none.
        url: a checked Link, the next page; it replaces path and query.
    """

    operation: Operation[T]
    path: tuple[str, ...] = ()
    query: tuple[tuple[str, object], ...] = ()
    body: object = attrs.field(default=UNSET, repr=False)
    url: str | None = attrs.field(default=None, repr=False)

    def site(
        self, *, status: int | None = None, request_id: str = "", attempts: int = 1
    ) -> CallSite:
        """Say which call this is, for an error: no argument of it is in there."""
        return CallSite(
            operation=self.operation.id,
            method=self.operation.method,
            template=self.operation.label or self.operation.template,
            status=status,
            request_id=request_id,
            attempts=attempts,
        )


@attrs.frozen(kw_only=True)
class Reply(Generic[T]):
    """What came back for a call that was done.

    Attributes:
        result: the decoded answer, unwrapped.
        status: the HTTP status.
        headers: the answer's headers, names in lower case.
        request_id: the id to quote to the vendor; empty when none came.
        next_url: the checked address of the next page, None on the last one.
    """

    result: T
    status: int
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    request_id: str = ""
    next_url: str | None = attrs.field(default=None, repr=False)


class Dialect(Protocol):
    """How one vendor speaks. Pure: the same arguments give the same verdict."""

    @property
    def origin(self) -> str:
        """The only origin that is spoken to and that sees the token."""
        ...

    def build(self, call: Call[Any]) -> Request:
        """Write the request of a call. Raises InvalidCallError for arguments that cannot be sent."""
        ...

    def read(self, call: Call[T], answer: Answer, attempt: int) -> Reply[T] | Again | BadgesError:
        """Say what an answer means: done, worth another attempt, or an error to raise."""
        ...
