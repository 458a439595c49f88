"""What the client costs beside a bare aiohttp loop, and what a ledger costs beside the client.

All award to a sandbox in a process of its own, in turns, so that a machine that gets slower does so
for all. Quote the ratios of the medians; single figures say more about the machine. The sandbox
answers at once, which no platform does, and then after a while: in the first case whatever a program
does beside waiting shows, in the second only what does not fit into the waiting. There the exit code
is 1 when the ledger costs more than it may.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from aiobadges import AwardRequest, ParchmentClient, Recipient
from aiobadges.awards import AwardRun, Ledger, Row
from aiobadges.awards.plan import plan_effects, plan_run
from aiobadges.parchment.models import BadgeClass
from aiobadges.sandbox import MATH_EXPERT, TOKEN


@contextlib.contextmanager
def sandbox(latency: float) -> Iterator[str]:
    command = [sys.executable, "-m", "aiobadges.sandbox", "--port", "0", "--latency", str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        yield process.stdout.readline().split()[-1]
        process.terminate()


async def bare(url: str, addresses: list[str], concurrency: int) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    queue = iter(addresses)

    async def work(session: aiohttp.ClientSession) -> None:
        for address in queue:
            body = {
                "recipient": {"identity": address, "type": "email", "hashed": True},
                "allowDuplicateAwards": False,
            }
            path = f"{url}/v2/badgeclasses/{MATH_EXPERT}/assertions"
            async with session.post(path, json=body) as answer:
                answer.raise_for_status()
                (await answer.json())["result"][0]["entityId"]

    async with aiohttp.ClientSession(headers=headers) as session:
        await asyncio.gather(*(work(session) for _ in range(concurrency)))


async def ours(url: str, addresses: list[str], concurrency: int) -> None:
    """The same loop with the client."""
    queue = iter(addresses)

    async def work(client: ParchmentClient) -> None:
        for address in queue:
            request = AwardRequest(recipient=Recipient.email(address))
            await client.badgeclasses.award(MATH_EXPERT, request)

    async with ParchmentClient(region="sandbox", base_url=url, concurrency=concurrency) as client:
        await asyncio.gather(*(work(client) for _ in range(concurrency)))


async def recorded(url: str, addresses: list[str], concurrency: int) -> None:
    """The same awards, each with its intent and its outcome on the disk."""
    rows = [Row(number=n, identifier=address) for n, address in enumerate(addresses, 2)]
    badge = BadgeClass(entity_id=MATH_EXPERT)
    async with (
        ParchmentClient(region="sandbox", base_url=url, concurrency=concurrency) as client,
        Ledger.open(Path(tempfile.mkdtemp()) / "ledger.sqlite3") as ledger,
    ):
        record = await plan_run(ledger, client, [], badges={})
        await plan_effects(
            ledger, client, record, rows, badges={"": badge}, server_now=datetime.now(UTC)
        )
        run = await AwardRun.open(ledger, record.id)
        begun["at"], begun["cpu"] = time.perf_counter(), time.process_time()
        async for _ in run.apply(client, workers=concurrency):
            pass


begun: dict[str, float] = {}
"""When awarding began, for ways that prepare something first."""


WAYS = {"bare aiohttp": bare, "client": ours, "client with ledger": recorded}
PAIRS = [("client", "bare aiohttp"), ("client with ledger", "client")]
MOST = 0.15
"""The share of the awards/s that writing them down may cost where the platform takes its time."""


def measure(options: argparse.Namespace, latency: float) -> float:
    """Award in turns, print, and give the share of the awards/s that the ledger costs."""
    seconds: dict[str, list[float]] = {name: [] for name in WAYS}
    cpu: dict[str, list[float]] = {name: [] for name in WAYS}
    with sandbox(latency) as url:
        for _ in range(options.rounds):
            for name, way in WAYS.items():
                addresses = [f"{uuid.uuid4().hex}@example.edu" for _ in range(options.awards)]
                begun.update(at=time.perf_counter(), cpu=time.process_time())
                asyncio.run(way(url, addresses, options.concurrency))
                seconds[name].append(time.perf_counter() - begun["at"])
                cpu[name].append(time.process_time() - begun["cpu"])
    print(f"the sandbox answers after {latency * 1000:.0f} ms:")
    for name, figures in seconds.items():
        median, used = statistics.median(figures), statistics.median(cpu[name])
        print(
            f"{name:>20}: {options.awards / median:7.0f} awards/s,"
            f" {used / options.awards * 1e6:4.0f} us CPU an award (medians of {options.rounds})"
        )
    ratios: dict[str, float] = {}
    for name, other in PAIRS:
        each = [one / two for one, two in zip(seconds[other], seconds[name], strict=True)]
        ratios[name] = statistics.median(each)
        print(f"{name} / {other}, awards/s: {ratios[name]:.2f}")
    return 1 - ratios["client with ledger"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--awards", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--concurrency", type=int, default=20)
    parser.add_argument("--latency", type=float, nargs="*", default=[0.0, 0.02])
    options = parser.parse_args()
    is_good = True
    for latency in options.latency:
        cost = measure(options, latency)
        if latency:
            is_good &= cost <= MOST
            print(f"the ledger costs {cost:.0%} of the awards/s; {MOST:.0%} at most")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
