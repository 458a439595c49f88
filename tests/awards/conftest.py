"""Fixtures: rosters, sandboxes, clients, ledgers, whole runs, and a byte-level server with faults."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import attrs
import pytest

from aiobadges import ParchmentClient
from aiobadges.awards.badges import find_badges
from aiobadges.awards.lease import Pacing
from aiobadges.awards.ledger import Ledger
from aiobadges.awards.outcome import Outcome, left_in_doubt
from aiobadges.awards.roster.reading import Reading, read_roster
from aiobadges.awards.roster.row import Problem, Roster, RosterError, Row
from aiobadges.awards.run import AwardRun
from aiobadges.awards.states import State
from aiobadges.errors import BadgesError
from aiobadges.parchment.models import BadgeClass
from aiobadges.sandbox import MATH_EXPERT, Sandbox
from aiobadges.transport.clock import Clock
from aiobadges.transport.exchange import Timeouts

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


class FaultServer:
    """The badge API in bytes: it can do anything a connection can do to us.

    ``script`` holds what happens to the next awards, one word each; when it is empty all goes well.
    ``listing`` is asked before each listing is answered.
    """

    def __init__(self):
        self.assertions = []
        self.posts = []
        self.requests = []
        self.tokens = []
        self.script = []
        self.listing = lambda items, _: items
        self.list_script = []
        self.connections = 0
        self.url = ""
        self._server = None

    async def start(self):
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def aclose(self):
        self._server.close()

    def live(self, person):
        return [a for a in self.assertions if self._of(a) == person and not a["revoked"]]

    @staticmethod
    def _of(assertion):
        return assertion["recipient"]["plaintextIdentity"]

    def doubled(self):
        people = [self._of(a) for a in self.assertions]
        return {person for person in people if people.count(person) > 1}

    def award(self, body, badge=MATH_EXPERT):
        person = body["recipient"]["identity"]
        if not body.get("allowDuplicateAwards", True) and self.live(person):
            return None
        made = {
            "entityId": f"assertion-{len(self.assertions)}",
            "badgeclass": badge,
            "recipient": {"identity": person, "plaintextIdentity": person, "hashed": False},
            "issuedOn": body.get("issuedOn"),
            "revoked": False,
            "openBadgeId": "https://example.org/a",
        }
        self.assertions.append(made)
        return made

    async def _connected(self, reader, writer):
        self.connections += 1
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _exchange(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = head.split("\r\n")
        method, target, _ = lines[0].split(" ")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:])}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        parts = urlsplit(target)
        self.requests.append((method, target))
        self.tokens.append(headers.get("authorization", ""))
        if method == "POST" and parts.path.endswith("/assertions"):
            return await self._post(json.loads(body), writer)
        if parts.path.endswith("/users/self"):
            return self._answer(writer, 200, [{"entityId": "me"}])
        if method == "POST" and parts.path == "/v2/assertions/revoke":
            return self._revoke(json.loads(body), writer)
        if method == "GET" and parts.path.startswith("/v2/assertions/"):
            wanted = unquote(parts.path.rsplit("/", 1)[1])
            return self._answer(
                writer, 200, [a for a in self.assertions if a["entityId"] == wanted]
            )
        return self._list(parse_qs(parts.query), writer)

    def _revoke(self, items, writer):
        results = []
        word = self.script.pop(0) if self.script else ""
        for number, item in enumerate(items):
            found = next((a for a in self.assertions if a["entityId"] == item["entityId"]), None)
            if word == "half" and number % 2:
                results.append(item | {"revoked": False, "reason": "not allowed", "code": "X"})
                continue
            results.append(item | {"revoked": bool(found) and not found["revoked"]})
            if found:
                found["revoked"] = True
        if word == "drop after work":
            return False
        return self._raw(writer, 200, json.dumps(results))

    def _list(self, query, writer):
        word = self.list_script.pop(0) if self.list_script else ""
        if word.isdigit():
            return self._raw(writer, int(word), "<html>")
        people = query.get("recipient")
        items = [a for a in self.assertions if not people or self._of(a) in people]
        return self._answer(writer, 200, self.listing(items, query))

    async def _post(self, body, writer):  # noqa: C901, PLR0911, PLR0912 - one case a fault
        self.posts.append(body["recipient"]["identity"])
        word, _, rest = (self.script.pop(0) if self.script else "").partition(" ")
        if word == "drop":
            if rest == "after":
                self.award(body)
            return False
        if word == "hang":
            if rest == "after":
                self.award(body)
            await asyncio.sleep(3)
            return False
        if word == "late":
            asyncio.get_running_loop().call_later(float(rest), self.award, body)
            return False
        if word == "status":
            status, _, done = rest.partition(" ")
            code, _, extra = status.partition("+")
            if done:
                self.award(body)
            headers = {"Retry-After": extra.replace("_", " ")} if extra else {}
            if code in {"302", "307"}:
                headers["Location"] = extra
            text = json.dumps({"status": {"success": False, "description": "no"}})
            return self._raw(writer, int(code), text, headers)
        made = self.award(body)
        if word == "headers":
            writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 400\r\n\r\n")
            return False
        if word == "half":
            writer.write(b'HTTP/1.1 201 Created\r\nContent-Length: 400\r\n\r\n{"status"')
            return False
        if word == "html":
            return self._raw(writer, 201, "<html>fine</html>")
        if word == "schema":
            return self._answer(writer, 201, [{"entityId": 7}])
        if word == "other":
            wrong = made | {"recipient": {"plaintextIdentity": "other@example.edu"}}
            return self._answer(writer, 201, [wrong])
        if made is None:
            told = {"status": {"success": False}, "validationErrors": ["A previous award exists"]}
            return self._raw(writer, 400, json.dumps(told))
        return self._answer(writer, 201, [made])

    def _answer(self, writer, status, result):
        body = {"status": {"success": True, "description": "ok"}, "result": result}
        return self._raw(writer, status, json.dumps(body))

    @staticmethod
    def _raw(writer, status, text, headers=None):
        body = text.encode()
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return True


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

    async def award(self, rows: list[Row]) -> Awarding:
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
