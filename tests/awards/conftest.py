"""Fixtures: roster files, real sandboxes, clients whose waits take no time, and whole runs."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from aiobadges.awards.badges import find_badges
from aiobadges.awards.outcome import Outcome, RowStatus
from aiobadges.awards.roster.reading import Reading, read_roster
from aiobadges.awards.roster.row import Problem, Roster, RosterError, Row
from aiobadges.awards.run import AwardRun
from aiobadges.errors import BadgesError
from aiobadges.parchment.client import ParchmentClient
from aiobadges.sandbox import Sandbox
from aiobadges.transport.clock import Clock
from aiobadges.transport.exchange import Timeouts

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


class SteppingClock(Clock):
    """Runs as the real one does, but a wait takes no time: it moves the clock on."""

    def __init__(self) -> None:
        self.slept = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.slept

    async def sleep(self, seconds: float) -> None:
        self.slept += seconds
        await asyncio.sleep(0)

    def draw(self) -> float:
        return 1.0


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Roster]:
    """Write a roster file and read it."""

    def read(content: str | bytes, *, name: str = "graduates.csv", **reading: Any) -> Roster:
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_roster(file, Reading(**{"now": NOW, **reading}))

    return read


@pytest.fixture
def problems(read: Callable[..., Roster]) -> Callable[..., tuple[Problem, ...]]:
    """Write a roster file that cannot be awarded, and give all that is wrong with it."""

    def problems(content: str | bytes, **options: Any) -> tuple[Problem, ...]:
        with pytest.raises(RosterError) as caught:
            read(content, **options)
        return caught.value.problems

    return problems


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
async def connect() -> AsyncIterator[Callable[..., Awaitable[ParchmentClient]]]:
    """Make a client of a server on this machine; its waits take no time."""
    async with contextlib.AsyncExitStack() as stack:

        async def connect(url: str, **options: Any) -> ParchmentClient:
            options.setdefault("clock", SteppingClock())
            options.setdefault("timeouts", Timeouts(total=30))
            client = ParchmentClient(region="sandbox", base_url=url, **options)
            return await stack.enter_async_context(client)

        yield connect


@attrs.define
class Awarding:
    """A run under way, with what was told of it so far."""

    run: AwardRun
    outcomes: list[Outcome] = attrs.field(factory=list)
    obstacle: BadgesError | None = None

    @property
    def by_row(self) -> dict[int, RowStatus]:
        """Where each row stands; a row that ended twice fails the test."""
        numbers = [outcome.row.number for outcome in self.outcomes]
        assert len(numbers) == len(set(numbers)), "a row has two outcomes"
        return {outcome.row.number: outcome.status for outcome in self.outcomes}

    @property
    def statuses(self) -> list[RowStatus]:
        """The statuses in the order of the rows."""
        return [status for _, status in sorted(self.by_row.items())]

    async def award(self, rows: list[Row]) -> Awarding:
        self.obstacle = await self.run.award(rows)
        return self


@pytest.fixture
def prepare(
    connect: Callable[..., Awaitable[ParchmentClient]],
) -> Callable[..., Awaitable[Awarding]]:
    """Get ready to award Math Expert on a sandbox."""

    async def prepare(
        sandbox: Sandbox,
        *,
        workers: int = 1,
        then: Callable[[Awarding], None] = lambda _: None,
        **options: Any,
    ) -> Awarding:
        client = await connect(sandbox.url, **options)
        badges = {"": (await find_badges(client, ["Math Expert"]))["Math Expert"]}

        def told(outcome: Outcome) -> None:
            awarding.outcomes.append(outcome)
            then(awarding)

        awarding = Awarding(AwardRun(client, badges, told, workers=workers))
        return awarding

    return prepare


@pytest.fixture
def people() -> Callable[..., list[Row]]:
    """Give rows 2, 3, ... for that many people."""

    def people(count: int, **fields: Any) -> list[Row]:
        return [
            Row(number=number, identifier=f"person{number}@example.edu", **fields)
            for number in range(2, count + 2)
        ]

    return people
