"""Fixtures: sandboxes, and raw HTTP against them. The library under test is not used here."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from http import HTTPStatus
from typing import Any

import aiohttp
import pytest

from aiobadges.sandbox import (
    COLLEAGUE_USERNAME,
    EXAMPLE_UNIVERSITY,
    LAB_ASSISTANT,
    MATH_EXPERT,
    PASSWORD,
    SAFETY_TRAINING,
    TOKEN,
    USERNAME,
    Sandbox,
)

Answered = tuple[int, Any]
PNG = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg=="


@pytest.fixture
async def start() -> AsyncIterator[Callable[..., Awaitable[Sandbox]]]:
    """Start a sandbox with options; it is closed at the end."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(**options: Any) -> Sandbox:
            return await stack.enter_async_context(Sandbox(**options))

        yield start


@pytest.fixture
async def sandbox(start: Callable[..., Awaitable[Sandbox]]) -> Sandbox:
    return await start()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """A client without kept connections: aiohttp re-sends a GET when such a one breaks."""
    connector = aiohttp.TCPConnector(force_close=True, limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


@pytest.fixture
def ask(sandbox: Sandbox, session: aiohttp.ClientSession) -> Callable[..., Awaitable[Answered]]:
    """Ask the sandbox; give status and body. ``token=None`` asks without one."""

    async def ask(
        method: str,
        path: str,
        body: object = None,
        *,
        token: str | None = TOKEN,
        of: Sandbox | None = None,
        **options: Any,
    ) -> Answered:
        if body is not None:
            options["json"] = body
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers.update(options.pop("headers", {}))
        url = (of or sandbox).url + path
        async with session.request(method, url, headers=headers, **options) as response:
            if response.status == HTTPStatus.NO_CONTENT:
                return response.status, await response.text()
            return response.status, await response.json()

    return ask


@pytest.fixture
def award(ask: Callable[..., Awaitable[Answered]]) -> Callable[..., Awaitable[Answered]]:
    """Award a badge to an e-mail address; give status and body."""

    async def award(
        address: str = "ana@example.edu",
        *,
        badge: str = MATH_EXPERT,
        of: Sandbox | None = None,
        token: str = TOKEN,
        **fields: Any,
    ) -> Answered:
        body = {"recipient": {"identity": address}, **fields}
        return await ask("POST", f"/v2/badgeclasses/{badge}/assertions", body, of=of, token=token)

    return award


@pytest.fixture
def png() -> str:
    return PNG


@pytest.fixture
def program() -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Start ``python -m aiobadges.sandbox``; give the process and where it listens."""
    started: list[subprocess.Popen[str]] = []

    def program(*arguments: str) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "aiobadges.sandbox", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        return process, line.removeprefix("listening on ").strip()

    yield program
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def sign_in(ask: Callable[..., Awaitable[Answered]]) -> Callable[..., Awaitable[str]]:
    """Sign in; give an access token."""

    async def sign_in(username: str = USERNAME, password: str = PASSWORD, **form: str) -> str:
        form = {"username": username, "password": password, **form}
        _, body = await ask("POST", "/o/token", token=None, data=form)
        return str(body["access_token"])

    return sign_in


@pytest.fixture
def colleague(
    ask: Callable[..., Awaitable[Answered]], sign_in: Callable[..., Awaitable[str]]
) -> Callable[[str | None], Awaitable[str]]:
    """Give somebody a role in the seeded issuer, or none; give their access token."""

    async def colleague(role: str | None) -> str:
        if role is not None:
            member = {"email": COLLEAGUE_USERNAME, "role": role}
            await ask("POST", f"/v2/issuers/{EXAMPLE_UNIVERSITY}/staff", member)
        return await sign_in(COLLEAGUE_USERNAME)

    return colleague


@pytest.fixture
def submit(ask: Callable[..., Awaitable[Answered]]) -> Callable[..., Awaitable[Answered]]:
    """Say whether somebody passed an experience; give status and body."""

    async def submit(
        address: str,
        name: str = SAFETY_TRAINING,
        *,
        passed: bool = True,
        path: str = f"/v2/pathways/{LAB_ASSISTANT}",
    ) -> Answered:
        body = {"recipient": {"@type": "email", "email": address}, "passed": passed}
        return await ask("POST", f"{path}/experience/{name}/submit", body)

    return submit
