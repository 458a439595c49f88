"""Raw GraphQL against a sandbox. The library under test is not used here."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from aiobadges.sandbox import Sandbox
from aiobadges.sandbox.thought_industries.seed import ANA_TOKEN, API_KEY


@dataclass
class Answered:
    """An answer: status, headers, and the body as JSON, None when it is empty."""

    status: int
    headers: Any
    body: Any

    @property
    def data(self) -> Any:
        assert "errors" not in self.body, self.body
        return self.body["data"]

    @property
    def only(self) -> Any:
        (value,) = self.data.values()
        return value

    @property
    def code(self) -> Any:
        return self.body["errors"][0]["extensions"]["code"]


@pytest.fixture
async def start() -> AsyncIterator[Callable[..., Awaitable[Sandbox]]]:
    async with contextlib.AsyncExitStack() as stack:

        async def start(**options: Any) -> Sandbox:
            return await stack.enter_async_context(Sandbox(**options))

        yield start


@pytest.fixture
async def sandbox(start: Callable[..., Awaitable[Sandbox]]) -> Sandbox:
    return await start()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(force_close=True, limit=0)
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as session:
        yield session


@pytest.fixture
def ask(sandbox: Sandbox, session: aiohttp.ClientSession) -> Callable[..., Awaitable[Answered]]:
    """Post a document as Ana; ``token=None`` as nobody."""

    async def ask(
        query: str,
        *,
        token: str | None = ANA_TOKEN,
        key: str | None = API_KEY,
        of: Sandbox | None = None,
        headers: dict[str, str] | None = None,
        body: Any = None,
        **variables: Any,
    ) -> Answered:
        sent = {"query": query, "variables": variables} if body is None else body
        named = {**({"authToken": token} if token else {}), **(headers or {})}
        async with session.post(
            f"{(of or sandbox).url}/helium",
            params={"apiKey": key} if key is not None else {},
            headers=named,
            **({"data": sent} if isinstance(sent, bytes) else {"json": sent}),
        ) as response:
            text = await response.read()
            return Answered(
                response.status, response.headers, await response.json() if text else None
            )

    return ask
