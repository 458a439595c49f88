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
import time
import uuid
from collections.abc import Iterator

import aiohttp

from aiobadges import AwardRequest, ParchmentClient, Recipient
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--awards", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--concurrency", type=int, default=20)
    options = parser.parse_args()
    seconds: dict[str, list[float]] = {"bare": [], "ours": []}
    cpu: dict[str, list[float]] = {"bare": [], "ours": []}
    with sandbox() as url:
        for _ in range(options.rounds):
            for name, way in (("bare", bare), ("ours", ours)):
                addresses = [f"{uuid.uuid4().hex}@example.edu" for _ in range(options.awards)]
                wall, busy = time.perf_counter(), time.process_time()
                asyncio.run(way(url, addresses, options.concurrency))
                seconds[name].append(time.perf_counter() - wall)
                cpu[name].append(time.process_time() - busy)
    for name, figures in seconds.items():
        median, used = statistics.median(figures), statistics.median(cpu[name])
        print(
            f"{name:>5}: {options.awards / median:7.0f} awards/s,"
            f" {used / options.awards * 1e6:4.0f} us CPU an award (medians of {options.rounds})"
        )
    ratio = statistics.median(seconds["ours"]) / statistics.median(seconds["bare"])
    print(f"ours / bare, seconds: {ratio:.2f}")


if __name__ == "__main__":
    main()
