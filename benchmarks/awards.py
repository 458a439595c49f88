"""What the client costs beside a bare aiohttp loop: awards a second against the sandbox.

Both award to a sandbox in a process of its own, in turns, so that a machine that gets slower does so
for both. Quote the ratio of the medians; single figures say more about the machine.
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
from aiobadges.awards.ledger import Ledger
from aiobadges.awards.plan import plan_effects, plan_run
from aiobadges.awards.roster.row import Row
from aiobadges.awards.run import AwardRun
from aiobadges.parchment.models import BadgeClass
from aiobadges.sandbox import MATH_EXPERT, TOKEN


@contextlib.contextmanager
def sandbox() -> Iterator[str]:
    command = [sys.executable, "-m", "aiobadges.sandbox", "--port", "0"]
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
    async with ParchmentClient(region="sandbox", base_url=url, concurrency=concurrency) as client:
        await asyncio.gather(
            *(
                client.badgeclasses.award(MATH_EXPERT, AwardRequest(recipient=Recipient.email(a)))
                for a in addresses
            )
        )


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
        async for _ in run.apply(client):
            pass


begun: dict[str, float] = {}
"""When awarding began, for ways that prepare something first."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--awards", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--concurrency", type=int, default=20)
    options = parser.parse_args()
    ways = {"bare": bare, "ours": ours, "recorded": recorded}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    cpu: dict[str, list[float]] = {name: [] for name in ways}
    with sandbox() as url:
        for _ in range(options.rounds):
            for name, way in ways.items():
                addresses = [f"{uuid.uuid4().hex}@example.edu" for _ in range(options.awards)]
                begun.update(at=time.perf_counter(), cpu=time.process_time())
                asyncio.run(way(url, addresses, options.concurrency))
                seconds[name].append(time.perf_counter() - begun["at"])
                cpu[name].append(time.process_time() - begun["cpu"])
    for name, figures in seconds.items():
        median, used = statistics.median(figures), statistics.median(cpu[name])
        print(
            f"{name:>8}: {options.awards / median:7.0f} awards/s,"
            f" {used / options.awards * 1e6:4.0f} us CPU an award (medians of {options.rounds})"
        )
    for name in ("ours", "recorded"):
        ratio = statistics.median(seconds[name]) / statistics.median(seconds["bare"])
        print(f"{name} / bare, seconds: {ratio:.2f}")


if __name__ == "__main__":
    main()
