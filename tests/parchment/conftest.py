"""Fixtures: a server that answers with exactly the bytes a test gives it, and clients."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import attrs
import pytest

from aiobadges.parchment.client import ParchmentClient
from aiobadges.sandbox import Sandbox


@attrs.frozen
class Asked:
    """One request as it came in."""

    line: str
    head: str
    body: bytes


Whole = bytes | dict[str, Any]
Answer = Whole | Callable[[Asked], Whole]


class RawServer:
    """Answers each request with the next of its answers, the last one for ever, and hangs up.

    An answer is bytes, what `written` makes them of, or a function that gives one of these for a
    request. In an answer, ``{origin}`` stands for the server's own address.
    """

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []
        self.url = ""
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def aclose(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            lines = head.split("\r\n")
            sizes = [line.split(":")[1] for line in lines if line.lower().startswith("content-len")]
            body = await reader.readexactly(int(sizes[0]) if sizes else 0)
            self.asked.append(Asked(lines[0], head, body))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            whole = answer(self.asked[-1]) if callable(answer) else answer
            sent = whole if isinstance(whole, bytes) else written(**whole)
            writer.write(sent.replace(b"{origin}", self.url.encode()))
            await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def written(
    body: object = b"",
    *,
    status: int = 200,
    kind: str | None = "application/json",
    length: int | None = None,
    headers: tuple[str, ...] = (),
) -> bytes:
    """Write a whole answer. A body that is no bytes is written as JSON.

    `length` is what the answer claims to be long; no `kind`, no content type.
    """
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [
        f"HTTP/1.1 {status} Word",
        *([f"Content-Type: {kind}"] if kind else []),
        f"Content-Length: {len(content) if length is None else length}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + content


@pytest.fixture
async def stack() -> AsyncIterator[contextlib.AsyncExitStack]:
    async with contextlib.AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def serve(stack: contextlib.AsyncExitStack) -> Callable[..., Awaitable[RawServer]]:
    """Start a server that gives these answers."""

    async def serve(*answers: Answer) -> RawServer:
        server = RawServer(*answers)
        await server.start()
        stack.push_async_callback(server.aclose)
        return server

    return serve


@pytest.fixture
def client_of(stack: contextlib.AsyncExitStack) -> Callable[..., ParchmentClient]:
    """Make a client of a server; it is closed at the end."""

    def client_of(server: Any, **options: Any) -> ParchmentClient:
        options = {"token": getattr(server, "token", "CANARY-TOKEN"), "rate": None} | options
        client = ParchmentClient(base_url=server.url, **options)
        stack.push_async_callback(client.aclose)
        return client

    return client_of


@pytest.fixture
async def sandbox(stack: contextlib.AsyncExitStack) -> Sandbox:
    return await stack.enter_async_context(Sandbox())
