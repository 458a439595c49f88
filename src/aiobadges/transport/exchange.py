"""One HTTP exchange over aiohttp: a `Request` and a token in, a `Response` or a `Broken` out.

What aiohttp would do on its own is switched off where it breaks a promise: redirects (a token sent
to another host), cookies (one person's session in another's call), netrc, bodies without a bound.
Its exceptions do not leave this module: some of them hold request headers, and so the token.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import sys
import urllib.request
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

import aiohttp
import attrs
from aiohttp.client_reqrep import ClientRequest, ClientResponse
from aiohttp.http_exceptions import ContentEncodingError
from yarl import URL

from aiobadges.errors import InvalidCallError
from aiobadges.settings import is_loopback
from aiobadges.values import Secret
from aiobadges.wire.exchange import Answer, Broken, Request, Response
from aiobadges.wire.url import origin_of

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.connector import Connection

__all__ = ["HttpExchange", "Timeouts"]

LARGEST_BODY = 32 * 1024 * 1024
"""Bytes, unpacked. Measured: 292 KB of gzip can unpack to 300 MB."""


@attrs.frozen(kw_only=True)
class Timeouts:
    """Seconds: to connect, between two reads, and for the whole exchange."""

    connect: float = 10.0
    read: float = 30.0
    total: float = 60.0


class _Departure:
    """Follows one request to the moment it leaves, and asks once more whether it may."""

    __slots__ = ("before_send", "has_left", "refused_with")

    def __init__(self, before_send: Callable[[], None] | None) -> None:
        self.before_send = before_send
        self.has_left = False
        self.refused_with: BaseException | None = None

    def leave(self) -> None:
        if self.before_send is not None:
            try:
                self.before_send()
            except BaseException as error:  # noqa: BLE001 - raised again by `exchange`
                self.refused_with = error
                raise _RefusedError from None
        self.has_left = True


class _RefusedError(Exception):
    """Unwinds aiohttp. The hook's own error must not: its frames would show the headers."""


_departure: ContextVar[_Departure] = ContextVar("departure")


class _Request(ClientRequest):
    """aiohttp's request, which calls `before_send` with the connection in hand.

    Waiting for the pool, DNS, TCP and TLS lie before this point and can take seconds. A body, and
    the headers with it, is written by a task of its own, which before Python 3.12 has to wait for
    its turn: a process that is put to sleep there would send on waking what it was asked about
    before. So it is asked in that task, and nothing lies between the question and the socket.
    """

    _has_asked = False

    async def send(self, conn: Connection) -> ClientResponse:
        if not self.body:
            self._ask()
        return await super().send(conn)

    async def write_bytes(
        self, writer: AbstractStreamWriter, conn: Connection, content_length: int | None = None
    ) -> None:
        try:
            self._ask()
        except _RefusedError as refused:
            if conn.protocol is not None:
                conn.protocol.set_exception(refused)  # whoever waits for the answer gets it
            return
        await super().write_bytes(writer, conn, content_length)

    def _ask(self) -> None:
        if not self._has_asked:
            self._has_asked = True
            _departure.get().leave()


def user_agent() -> str:
    """Name this library, its version and what it runs on."""
    from importlib.metadata import version  # noqa: PLC0415 - once a client, and slow to import

    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"aiobadges/{version('aiobadges')} (python/{python}; aiohttp/{aiohttp.__version__})"


def environment_proxy(base_url: str) -> str | None:
    """Give the proxy that HTTP(S)_PROXY and NO_PROXY name for this URL, None for none.

    This machine is asked directly, whatever they say.
    """
    parts = urlsplit(base_url)
    if not parts.hostname or is_loopback(parts.hostname):
        return None  # a proxy has a loopback of its own
    if urllib.request.proxy_bypass(parts.hostname):
        return None
    return urllib.request.getproxies().get(parts.scheme)


class HttpExchange:
    """Owns the aiohttp session of a client, made at first use and bound to that event loop.

    Args:
        base_url: the pinned base; the token goes to its origin only.
        connector_of: a session of the application, to share its connector. Nothing else of it is
            used: its cookies, headers and middlewares would break this module's promises.
        timeouts: the default for every exchange.
        proxy: the proxy to use; None takes the environment's.
        ssl_context: how to verify the server; None for the system's authorities.
        ca_file: a file of authorities to trust instead, when there is no ssl_context.
    """

    def __init__(
        self,
        *,
        base_url: str,
        connector_of: aiohttp.ClientSession | None = None,
        timeouts: Timeouts | None = None,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        ca_file: str = "",
    ) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._origin = origin_of(base_url)
        self._lender = connector_of
        self.timeouts = timeouts or Timeouts()
        self._proxy = proxy or environment_proxy(base_url)
        self._ssl = ssl_context
        self._ca_file = ca_file
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opening = asyncio.Lock()
        self._is_closed = False

    async def open(self) -> None:
        """Make the session. Called by every exchange; calling it again does nothing.

        Raises:
            InvalidCallError: it was closed, is used in another event loop, or the file of
                authorities cannot be read.
        """
        if self._session is not None:
            if self._loop is not asyncio.get_running_loop():
                raise InvalidCallError(
                    "the client belongs to another event loop",
                    remedy="Make one client in each event loop",
                )
            if self._session.closed:
                raise InvalidCallError(
                    "the session lent to the client was closed",
                    remedy="Close the client first, then the session",
                )
            return
        async with self._opening:
            if self._is_closed:
                raise InvalidCallError("the client is closed", remedy="Make a new one")
            if self._is_open():
                return  # another task was faster
            if self._lender is not None and self._lender.closed:
                raise InvalidCallError("the session lent to the client is closed")
            if self._ca_file and self._ssl is None:
                try:
                    self._ssl = await asyncio.to_thread(
                        ssl.create_default_context, cafile=self._ca_file
                    )
                except OSError as error:
                    raise InvalidCallError(
                        f"the file of certificate authorities {self._ca_file} cannot be used: {error}",
                        remedy="AIOBADGES_CA_FILE must name a PEM file",
                    ) from None
            self._loop = asyncio.get_running_loop()
            self._session = aiohttp.ClientSession(
                # The client's limiter bounds what is under way; a second bound would only add waits.
                connector=self._lender.connector if self._lender else aiohttp.TCPConnector(limit=0),
                connector_owner=self._lender is None,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": user_agent()},
                request_class=_Request,
                trust_env=False,
            )

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse: the proxy's address may hold a password."""
        raise TypeError("an exchange is not pickled; make a client in each process")

    def _is_open(self) -> bool:
        return self._session is not None

    async def aclose(self) -> None:
        """Close the session; connections of a lent connector stay open."""
        self._is_closed = True
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def __del__(self) -> None:
        if self._session is not None and not self._session.closed:
            with contextlib.suppress(Exception):  # the interpreter may be shutting down
                import warnings  # noqa: PLC0415

                warnings.warn(
                    "an aiobadges client was not closed; use 'async with' or await aclose()",
                    ResourceWarning,
                    source=self,
                    stacklevel=1,
                )

    async def exchange(
        self,
        request: Request,
        *,
        token: Secret | None = None,
        before_send: Callable[[], None] | None = None,
        timeouts: Timeouts | None = None,
        extra_headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send one request and read its whole answer.

        Args:
            request: what to send.
            token: the bearer token.
            before_send: called with the connection in hand; what it raises is raised here, and
                nothing has been sent. An idempotent request that aiohttp sends again on a stale
                connection asks again.
            timeouts: instead of the client's.
            extra_headers: beside those of the request.
        """
        await self.open()
        assert self._session is not None  # noqa: S101 - open() made it
        if token is not None and origin_of(request.url) != self._origin:
            raise InvalidCallError("the token is not sent to another origin")
        seconds = timeouts or self.timeouts
        departure = _Departure(before_send)
        mark = _departure.set(departure)
        status: int | None = None
        try:
            async with self._session.request(
                request.method,
                URL(request.url, encoded=True),
                data=request.body,
                headers=_headers(request, token, extra_headers),
                # A POST without a body is no application/octet-stream: servers answer that 415.
                skip_auto_headers=("Content-Type",),
                allow_redirects=False,
                proxy=self._proxy,
                ssl=self._ssl or True,
                timeout=aiohttp.ClientTimeout(
                    total=seconds.total, sock_connect=seconds.connect, sock_read=seconds.read
                ),
            ) as response:
                status = response.status
                body = await _read_capped(response)
                if body is None:
                    return Broken(
                        by="too-large",
                        detail=f"the answer is larger than {LARGEST_BODY // 2**20} MiB",
                        may_have_arrived=True,
                        status=status,
                    )
                return Response(
                    status=status,
                    headers={name.lower(): text for name, text in response.headers.items()}
                    | _joined_links(response),
                    body=body,
                )
        except _RefusedError:
            pass
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            return _broken(error, status=status, has_left=departure.has_left)
        finally:
            _departure.reset(mark)
        assert departure.refused_with is not None  # noqa: S101 - only a refusal comes here
        raise departure.refused_with


def _headers(
    request: Request, token: Secret | None, extra: dict[str, str] | None
) -> dict[str, str]:
    # Not a local variable of `exchange`: tracebacks with variables would show the token.
    headers = {**request.headers, **(extra or {})}
    if token is not None:
        headers["Authorization"] = f"Bearer {token.reveal()}"
    return headers


async def _read_capped(response: ClientResponse) -> bytes | None:
    chunks: list[bytes] = []
    size = 0
    while chunk := await response.content.readany():
        size += len(chunk)
        if size > LARGEST_BODY:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _joined_links(response: ClientResponse) -> dict[str, str]:
    """Several Link headers are one list (RFC 9110 5.3)."""
    links = response.headers.getall("Link", [])
    return {"link": ", ".join(links)} if len(links) > 1 else {}


def _broken(error: Exception, *, status: int | None, has_left: bool) -> Broken:
    """Name a break without the exception's own words, which may hold a URL or headers."""
    kind = type(error).__name__
    # Not has_left alone: a mocked session never gets to `leave`, and doubt must err to "arrived".
    may_have_arrived = (
        has_left
        or status is not None
        or isinstance(error, (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError))
        or type(error) is aiohttp.ClientOSError
        or isinstance(error, aiohttp.SocketTimeoutError)
    )
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return Broken(
                by="certificate",
                detail=f"the server's certificate was not accepted ({kind})",
                may_have_arrived=False,
            )
        case aiohttp.ClientPayloadError() if isinstance(error.__cause__, ContentEncodingError):
            return Broken(
                by="garbled",
                detail="the answer's compression is broken",
                may_have_arrived=True,
                status=status,
            )
        case aiohttp.ClientPayloadError():
            detail = "the answer broke off"
        case TimeoutError() if not may_have_arrived:
            return Broken(by="connect", detail="no connection in time", may_have_arrived=False)
        case TimeoutError():
            return Broken(
                by="timeout", detail="no answer in time", may_have_arrived=True, status=status
            )
        case aiohttp.ClientConnectorError():
            reason = error.os_error.strerror or kind
            return Broken(by="connect", detail=f"no connection ({reason})", may_have_arrived=False)
        case _:
            detail = f"the connection broke ({kind})"
    return Broken(
        by="disconnect" if may_have_arrived else "connect",
        detail=detail,
        may_have_arrived=may_have_arrived,
        status=status,
    )
