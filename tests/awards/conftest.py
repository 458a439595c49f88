"""Fixtures: rosters, sandboxes, the server with faults, clients, ledgers, and whole runs."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from aiobadges import ParchmentClient
from aiobadges.awards.badges import find_badges
from aiobadges.awards.lease import Pacing
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.outcome import Outcome, left_in_doubt
from aiobadges.awards.roster.reading import Reading, Roster, read_roster
from aiobadges.awards.roster.row import Problem, RosterError, Row
from aiobadges.awards.run import AwardRun
from aiobadges.awards.states import State
from aiobadges.errors import BadgesError
from aiobadges.parchment.models import BadgeClass
from aiobadges.sandbox import MATH_EXPERT, Sandbox
from aiobadges.transport.clock import Clock
from aiobadges.transport.exchange import Timeouts

from .fault_server import FaultServer

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
QUICK = Pacing(lease=1.0, settle=0.4, timeout=0.5, patience=5.0)


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


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    server = FaultServer()
    await server.start()
    yield server
    await server.aclose()


@pytest.fixture
async def ledger(tmp_path) -> AsyncIterator[Ledger]:
    async with Ledger.open(tmp_path / "ledger.sqlite3") as ledger:
        yield ledger


@pytest.fixture
async def client(server) -> AsyncIterator[ParchmentClient]:
    """A client of the byte-level server."""
    async with ParchmentClient(base_url=server.url, token="CANARY-TOKEN", attempts=2) as client:
        yield client


@pytest.fixture
async def sandbox_client(sandbox) -> AsyncIterator[ParchmentClient]:
    async with ParchmentClient(region="sandbox", base_url=sandbox.url) as client:
        yield client


@pytest.fixture
def people() -> Callable[..., list[Row]]:
    """Give rows 2, 3, ... for that many people."""

    def people(count: int, **fields: Any) -> list[Row]:
        return [
            Row(number=number, identifier=f"person{number}@example.edu", **fields)
            for number in range(2, count + 2)
        ]

    return people


@pytest.fixture
def planned(ledger, client, people) -> Callable[..., Awaitable[AwardRun]]:
    """Plan a run against the byte-level server, with short waits."""

    async def planned(many=1, **options):
        badge = BadgeClass(entity_id=MATH_EXPERT, issuer="issuer")
        options.setdefault("pacing", QUICK)
        return await AwardRun.plan(ledger, client, people(many), badges={"": badge}, **options)

    return planned


@pytest.fixture
def applied(client) -> Callable[..., Awaitable[list]]:
    """Apply a run to its end within seconds; give the outcomes."""

    async def applied(run, *, of=None, seconds=20, **options):
        async with asyncio.timeout(seconds):
            async with contextlib.aclosing(run.apply(of or client, **options)) as outcomes:
                return [outcome async for outcome in outcomes]

    return applied


@pytest.fixture
def ends(applied, server) -> Callable[..., Awaitable[list[State]]]:
    """Apply a run; give how its rows ended, and assert that nobody has two awards."""

    async def ends(run, **options):
        outcomes = await applied(run, **options)
        assert not server.doubled()
        return [outcome.status for outcome in outcomes]

    return ends


@attrs.define
class Awarding:
    """A run to its end, with what was told of it, and where each row stands."""

    ledger: Ledger
    client: ParchmentClient
    badges: dict[str, BadgeClass]
    workers: int
    then: Callable[[Awarding], None]
    pacing: Pacing
    run: AwardRun | None = None
    told: list[Outcome] = attrs.field(factory=list)
    outcomes: list[Outcome] = attrs.field(factory=list)
    obstacle: BadgesError | None = None

    @property
    def by_row(self) -> dict[int, State]:
        """Where each row stands; a row that is there twice fails the test."""
        numbers = [outcome.number for outcome in self.outcomes]
        assert len(numbers) == len(set(numbers)), "a row has two outcomes"
        return {outcome.number: outcome.status for outcome in self.outcomes}

    @property
    def statuses(self) -> list[State]:
        """The statuses in the order of the rows."""
        return [status for _, status in sorted(self.by_row.items())]

    async def award(self, rows: Iterable[Row] | AsyncIterable[Row]) -> Awarding:
        run = self.run = await AwardRun.plan(
            self.ledger, self.client, rows, badges=self.badges, pacing=self.pacing
        )
        try:
            async with contextlib.aclosing(run.apply(self.client, workers=self.workers)) as ends:
                async for outcome in ends:
                    self.told.append(outcome)
                    self.then(self)
        except BadgesError as error:
            self.obstacle = error
        finally:
            self.outcomes = [left_in_doubt(outcome) async for outcome in run.outcomes()]
        return self


@pytest.fixture
def prepare(
    ledger: Ledger, connect: Callable[..., Awaitable[ParchmentClient]]
) -> Callable[..., Awaitable[Awarding]]:
    """Get ready to award Math Expert on a sandbox."""

    async def prepare(
        sandbox: Sandbox,
        *,
        workers: int = 1,
        then: Callable[[Awarding], None] = lambda _: None,
        pacing: Pacing = QUICK,
        **options: Any,
    ) -> Awarding:
        client = await connect(sandbox.url, **options)
        badges = {"": (await find_badges(client, ["Math Expert"]))["Math Expert"]}
        return Awarding(ledger, client, badges, workers, then, pacing)

    return prepare


@pytest.fixture
def awarding(ledger: Ledger) -> Callable[[ParchmentClient, dict[str, BadgeClass]], Awarding]:
    """Get ready to award those badges."""
    return lambda client, badges: Awarding(ledger, client, badges, 2, lambda _: None, QUICK)
