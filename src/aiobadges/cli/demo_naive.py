"""The naive script of the demo: what anybody would write first. It is here to be seen failing.

It bounds what is in flight, tries each award up to five times, and notes who is done, so that it
can be started again. What it cannot know is whether an award without an answer was made.
"""

from __future__ import annotations

import asyncio
import csv
import os
import sys
from http import HTTPStatus
from pathlib import Path

import aiohttp

from aiobadges.sandbox import MATH_EXPERT, TOKEN

_ATTEMPTS = 5


async def main(roster: Path, seconds: float = 30.0) -> None:
    """Award everybody in the roster who is not noted as done; no answer is waited for longer."""
    done = roster.with_suffix(".done")
    finished = set(done.read_text(encoding="utf-8").split()) if done.exists() else set[str]()
    with roster.open(encoding="utf-8", newline="") as lines:
        people = [row["email"] for row in csv.DictReader(lines) if row["email"] not in finished]
    slots = asyncio.Semaphore(20)
    url = f"{os.environ['AIOBADGES_BASE_URL']}/v2/badgeclasses/{MATH_EXPERT}/assertions"
    headers = {"Authorization": f"Bearer {TOKEN}"}

    def note(person: str) -> None:
        with done.open("a", encoding="utf-8") as file:
            file.write(f"{person}\n")

    timeout = aiohttp.ClientTimeout(total=seconds)
    async with aiohttp.ClientSession(headers=headers, timeout=timeout) as session:

        async def award(person: str) -> None:
            body = {"recipient": {"identity": person, "type": "email"}}
            async with slots:
                for _ in range(_ATTEMPTS):
                    try:
                        async with session.post(url, json=body) as answer:
                            if answer.status == HTTPStatus.CREATED:
                                await answer.json()
                                note(person)
                                return
                    except (aiohttp.ClientError, TimeoutError, ValueError):
                        pass
                    await asyncio.sleep(0.1)

        await asyncio.gather(*map(award, people))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *map(float, sys.argv[2:])))
