"""What passes between the server and a vendor: a request as read, an answer to write.

A vendor is a `Service`: a table of operations and its own way of wording a refusal. Nothing here
knows which vendor it is, and nothing in a vendor's modules touches a connection.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from aiohttp import web
    from multidict import MultiMapping

__all__ = ["Answer", "Incoming", "Operation", "Service"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A response before it is written.

    Attributes:
        status: the HTTP status.
        body: the whole body.
        headers: further headers; may overrule nothing that HTTP itself needs.
        content_type: the media type of the body; empty where there is none.
    """

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


class Incoming:
    """A request whose body has been read to its end."""

    __slots__ = ("_public_url", "_request", "body")

    def __init__(self, request: web.Request, body: bytes, public_url: str) -> None:
        self._request = request
        self._public_url = public_url
        self.body = body

    @property
    def ids(self) -> Mapping[str, str]:
        """The values of the template's placeholders, percent-decoded."""
        return self._request.match_info

    @property
    def query(self) -> MultiMapping[str]:
        """The query, decoded; a name may come more than once."""
        return self._request.query

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, looked up without regard to case."""
        return self._request.headers

    @property
    def content_type(self) -> str:
        """The media type of the body as declared, without parameters; empty when not declared."""
        declared = self._request.headers.get("Content-Type", "")
        return declared.partition(";")[0].strip().lower()

    @property
    def path(self) -> str:
        """The path as it was sent, still percent-encoded."""
        return self._request.rel_url.raw_path

    @property
    def origin(self) -> str:
        """Scheme and host that absolute links must carry to lead back here.

        Without a public URL this is what the caller connected to, so it differs behind a proxy
        that rewrites ``Host``, as it does on a real installation.
        """
        return self._public_url or f"{self._request.scheme}://{self._request.host}"

    @property
    def caller_address(self) -> str:
        """The network address of the caller."""
        return self._request.remote or ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a service.

    Attributes:
        id: resource path and verb, ``badgeclasses.award``; counters and faults go by it.
        method: the HTTP method.
        template: the path with placeholders in braces.
        work: does it.
        signs_in: whether it hands out tokens. Such an operation stands outside the rate limit,
            the in-flight figures and the faults for ``*``.
        names: what counters and faults know beside the id, when one path serves many operations.
        name_of: says by the body which of them a request is for; the id when it is for none.
    """

    id: str
    method: str
    template: str
    work: Callable[[Incoming], Awaitable[Answer]]
    signs_in: bool = False
    names: tuple[str, ...] = ()
    name_of: Callable[[bytes], str] | None = None

    def called_by(self, body: bytes) -> str:
        """Give the name of the operation that a request is for."""
        return self.name_of(body) if self.name_of is not None else self.id


class Service(Protocol):
    """One vendor's server, without the network."""

    @property
    def operations(self) -> tuple[Operation, ...]:
        """Everything the vendor answers."""
        raise NotImplementedError

    def refusal(self, status: int) -> Answer:
        """Word a refusal as the vendor does; status 200 is asked for, too, and must be a refusal."""
        raise NotImplementedError

    def wake(self) -> None:
        """Seed an empty store, and rebuild what follows from the records."""

    def expire_tokens(self) -> int:
        """Let every access token expire now that ever would; give their number."""
        raise NotImplementedError
