"""One exchange with a server as values: the request, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

import attrs

__all__ = ["Answer", "Broken", "BrokenBy", "Request", "Response"]


@attrs.frozen(kw_only=True)
class Request:
    """What is to be sent. The token is added by the transport and is not in here.

    Attributes:
        method: the HTTP method.
        url: absolute and already encoded.
        headers: without Authorization.
        body: the bytes to send, None for no body.
    """

    method: str
    url: str = attrs.field(repr=False)
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    body: bytes | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class Response:
    """A whole answer. ``headers`` has its names in lower case."""

    status: int
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    body: bytes = attrs.field(default=b"", repr=False)


BrokenBy: TypeAlias = Literal[
    "connect", "certificate", "timeout", "disconnect", "too-large", "garbled"
]


@attrs.frozen(kw_only=True)
class Broken:
    """No whole answer came.

    Attributes:
        by: what kind of break it was.
        detail: one sentence for a person; never an address, a header or a token.
        may_have_arrived: False only when nothing can have reached the server.
        status: the HTTP status, when the break came after it.
    """

    by: BrokenBy
    detail: str
    may_have_arrived: bool
    status: int | None = None


Answer: TypeAlias = Response | Broken
