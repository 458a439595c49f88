"""Fixtures: sandboxes, servers that speak whatever bytes a test tells them, and a clock in hand."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import json
import math
import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import attrs
import pytest
from aiohttp import abc

from aiobadges.errors import BadgesError
from aiobadges.parchment.client import ParchmentClient
from aiobadges.parchment.models import AwardRequest, Recipient
from aiobadges.sandbox import MATH_EXPERT, Sandbox
from aiobadges.transport.clock import Clock

# A certificate that nobody trusts, for localhost, 127.0.0.1 and api.example.edu, until 2120.
KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgoewZo0Y7ZbN1h5nd
N9hzikpKwmua5ytqk0lVuJk3+MehRANCAATTtUnWYd4n738EJVi+RysD3IV2EX6e
qn06btnOBZVANYD99UMd7JEGRBs9GUUHmZR73WQ+Z0kEOtgSdRmExa+Y
-----END PRIVATE KEY-----
"""
CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBhDCCASqgAwIBAgIBATAKBggqhkjOPQQDAjAaMRgwFgYDVQQDDA9haW9iYWRn
ZXMgdGVzdHMwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBoxGDAW
BgNVBAMMD2Fpb2JhZGdlcyB0ZXN0czBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA
BNO1SdZh3ifvfwQlWL5HKwPchXYRfp6qfTpu2c4FlUA1gP31Qx3skQZEGz0ZRQeZ
lHvdZD5nSQQ62BJ1GYTFr5ijXzBdMCsGA1UdEQQkMCKCCWxvY2FsaG9zdIIPYXBp
LmV4YW1wbGUuZWR1hwR/AAABMA8GA1UdEwEB/wQFMAMBAf8wHQYDVR0OBBYEFPN3
IhJ1B20uMv+R3vpt3As538W3MAoGCCqGSM49BAMCA0gAMEUCIE7ClNeN1Hk/Ib5/
oigsw7FBZYKTEUX6JtkY6DTJfRapAiEAxW5vrwgaDwaMYdV+0meeJU7i3zOj00ok
kf7S9k1fjGg=
-----END CERTIFICATE-----
"""

EPOCH = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "request_method")


class SteeredClock(Clock):
    """A clock that nobody waits for: who sleeps last moves it on, in the order of waking.

    It starts at 0 and at noon of the first of March 2026. `slept` holds every wait asked for.
    """

    def __init__(self, draw: float = 0.5) -> None:
        self.time = 0.0
        self.slept: list[float] = []
        self.drawn = draw
        self._waking: list[tuple[float, int]] = []
        self._numbers = itertools.count()

    def monotonic(self) -> float:
        return self.time

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.time)

    def draw(self) -> float:
        return self.drawn

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        mine = (max(self.time + seconds, math.nextafter(self.time, math.inf)), next(self._numbers))
        heapq.heappush(self._waking, mine)
        try:
            while self.time < mine[0]:
                for _ in range(3):  # whoever is ready runs first, and may sleep less long
                    await asyncio.sleep(0)
                if self._waking[0] == mine:
                    self.time = mine[0]
        finally:
            self._waking.remove(mine)
            heapq.heapify(self._waking)


@attrs.define
class Received:
    """One request as it came in, and the way to answer it."""

    head: bytes
    body: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def line(self) -> str:
        return self.head.split(b"\r\n", 1)[0].decode()

    @property
    def headers(self) -> dict[str, str]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        pairs = (line.partition(":") for line in lines if line)
        return {name.lower(): value.strip() for name, _, value in pairs}


Answering = Callable[[Received], Awaitable[None]]


def reply(
    status: int = 200,
    body: bytes = b"{}",
    *headers: tuple[str, str],
    kind: str = "application/json",
    length: int | None = None,
) -> bytes:
    """Write a whole answer; `length` is what it claims to be long."""
    lines = [
        f"HTTP/1.1 {status} Word",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body) if length is None else length}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def envelope(*items: object, headers: tuple[tuple[str, str], ...] = (), status: int = 200) -> bytes:
    """Write an answer of the API."""
    body = {"status": {"success": True, "description": "ok"}, "result": items}
    return reply(status, json.dumps(body).encode(), *headers)


class ByteServer:
    """Answers each request with the next of its answers, the last one again and again.

    An answer is bytes, after which the connection stays open, or a coroutine function, which
    does with the connection what it likes.
    """

    def __init__(self, *answers: bytes | Answering, tls: ssl.SSLContext | None = None) -> None:
        self.answers = list(answers)
        self.requests: list[Received] = []
        self.connections = 0
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.authority = ""

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def lines(self) -> list[str]:
        return [request.line for request in self.requests]

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def aclose(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            await self._converse(reader, writer)
        except (asyncio.CancelledError, asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await asyncio.wait_for(writer.wait_closed(), 1)
            self._tasks.discard(task)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            head = await reader.readuntil(b"\r\n\r\n")
            request = Received(head, b"", reader, writer)
            size = int(request.headers.get("content-length", 0))
            request.body = await reader.readexactly(size)
            self.requests.append(request)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(request)


def cut(sent: bytes) -> Answering:
    """Send so much and close the connection."""

    async def answer(request: Received) -> None:
        request.writer.write(sent)
        await request.writer.drain()
        request.writer.close()

    return answer


async def silence(_: Received) -> None:
    """Never answer."""
    await asyncio.Event().wait()


def tunnel_to(port: int) -> Answering:
    """Do what a proxy does for CONNECT, with this port as the other end."""

    async def answer(request: Received) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        async def pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                target.write(data)
                await target.drain()

        request.writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        both = [
            asyncio.ensure_future(pass_on(request.reader, writer)),
            asyncio.ensure_future(pass_on(reader, request.writer)),
        ]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            request.writer.close()
            writer.close()
            for side in both:
                side.cancel()
            await asyncio.gather(*both, return_exceptions=True)

    return answer


class SlowResolver(abc.AbstractResolver):
    """Finds 127.0.0.1 for every name, and takes its time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[abc.ResolveResult]:
        self.asked.append(host)
        await asyncio.sleep(self.seconds)
        return [
            abc.ResolveResult(
                hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        pass


class MockedResponse(aiohttp.ClientResponse):
    """What aioresponses 0.7.9 needs to work with aiohttp 3.14."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options, stream_writer=SimpleNamespace(output_size=0))


def secured(folder: Path) -> ssl.SSLContext:
    """Give what a server with a self-signed certificate needs; put the certificate in a folder."""
    (folder / "authority.pem").write_text(CERTIFICATE)
    (folder / "key.pem").write_text(KEY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "authority.pem", folder / "key.pem")
    return context


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the proxy of who runs the tests away from servers on loopback."""
    for name in tuple(os.environ):
        if name.lower() in PROXY_VARIABLES:
            monkeypatch.delenv(name)


@pytest.fixture
def clock() -> SteeredClock:
    return SteeredClock()


@pytest.fixture
async def stack() -> AsyncIterator[contextlib.AsyncExitStack]:
    async with contextlib.AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def start(stack: contextlib.AsyncExitStack) -> Callable[..., Awaitable[Sandbox]]:
    """Start a sandbox in this loop, with options."""

    async def start(**options: Any) -> Sandbox:
        return await stack.enter_async_context(Sandbox(**options))

    return start


@pytest.fixture
async def sandbox(start: Callable[..., Awaitable[Sandbox]]) -> Sandbox:
    return await start()


@pytest.fixture
def serve(stack: contextlib.AsyncExitStack, tmp_path: Path) -> Callable[..., Awaitable[ByteServer]]:
    """Start a server that sends these answers; with ``tls=True`` its certificate is self-signed."""

    async def serve(*answers: bytes | Answering, tls: bool = False) -> ByteServer:
        server = ByteServer(*answers or (reply(),), tls=secured(tmp_path) if tls else None)
        server.authority = str(tmp_path / "authority.pem")
        await server.start()
        stack.push_async_callback(server.aclose)
        return server

    return serve


@pytest.fixture
def client_of(stack: contextlib.AsyncExitStack) -> Callable[..., ParchmentClient]:
    """Make a client of a server; it is closed at the end. Tokens: ``token=`` or ``username=``."""

    def client_of(server: Any, **options: Any) -> ParchmentClient:
        if not {"token", "username", "tokens", "token_store"} & options.keys():
            options["token"] = getattr(server, "token", "CANARY-TOKEN")
        client = ParchmentClient(base_url=getattr(server, "url", server), **options)
        stack.push_async_callback(client.aclose)
        return client

    return client_of


@pytest.fixture
def dead_url() -> str:
    """Give an address at which nothing listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{found.getsockname()[1]}"


async def error_of(call: Awaitable[object]) -> BadgesError:
    """Give the error a call ends with."""
    try:
        result = await call
    except BadgesError as error:
        return error
    raise AssertionError(f"no error, but {result!r}")


def award(client: ParchmentClient, address: str = "ana@example.edu") -> Awaitable[Any]:
    """Award a badge."""
    body = AwardRequest(recipient=Recipient.email(address))
    return client.badgeclasses.award(MATH_EXPERT, body)


@pytest.fixture(scope="session")
def speak() -> SimpleNamespace:
    """Give the words of this file that tests put together themselves."""
    return SimpleNamespace(
        award=award,
        cut=cut,
        envelope=envelope,
        error_of=error_of,
        reply=reply,
        silence=silence,
        Clock=SteeredClock,
        MockedResponse=MockedResponse,
        Received=Received,
        SlowResolver=SlowResolver,
        tunnel_to=tunnel_to,
    )
