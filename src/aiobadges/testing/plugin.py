"""The pytest plugin. pytest loads it in every project that has aiobadges installed: keep it cheap."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from aiobadges.parchment.client import ParchmentClient
    from aiobadges.sandbox import SandboxThread

__all__ = ["badge_client", "badge_sandbox"]

if TYPE_CHECKING or find_spec("pytest_asyncio") is not None:
    from pytest_asyncio import fixture as async_fixture
else:  # anyio's own plugin, or none, runs asynchronous fixtures then
    async_fixture: Any = pytest.fixture


@pytest.fixture
def badge_sandbox() -> Iterator[SandboxThread]:
    """Give a running sandbox with one issuer and two badge classes, new for each test."""
    from aiobadges.sandbox import SandboxThread  # noqa: PLC0415 - only when a test asks

    with SandboxThread() as sandbox:
        yield sandbox


@async_fixture
async def badge_client(badge_sandbox: SandboxThread) -> AsyncIterator[ParchmentClient]:
    """Give a client of the sandbox, without a rate limit, closed after the test."""
    from aiobadges.parchment.client import ParchmentClient  # noqa: PLC0415 - as above

    async with ParchmentClient(
        region="sandbox", base_url=badge_sandbox.url, token=badge_sandbox.token
    ) as client:
        yield client
