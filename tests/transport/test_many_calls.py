"""Ten thousand calls at once, from one process to another."""

import json
import subprocess
import sys
import urllib.request

import pytest

CLIENT = """
import asyncio, json, re, sys, time
from aiobadges.parchment.client import ParchmentClient
from aiobadges.parchment.models import AwardRequest, Recipient
from aiobadges.sandbox import MATH_EXPERT

def memory(name):
    with open("/proc/self/status") as status:
        return int(re.search(name + r":\\s+(\\d+) kB", status.read())[1]) * 1024

async def main(url, count):
    async with ParchmentClient(region="sandbox", base_url=url) as client:
        await client.users.get_self()
        idle = memory("VmRSS")
        started = time.monotonic()
        made = await asyncio.gather(*(
            client.badgeclasses.award(
                MATH_EXPERT, AwardRequest(recipient=Recipient.email(f"s{n}@example.edu"))
            )
            for n in range(count)
        ))
        seconds = time.monotonic() - started
        ids = len({assertion.entity_id for assertion in made})
        print(json.dumps({"ids": ids, "grown": memory("VmHWM") - idle, "seconds": seconds}))

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


def asked(url, what):
    with urllib.request.urlopen(f"{url}/_sandbox/{what}", timeout=10) as answer:  # noqa: S310
        return json.load(answer)


@pytest.fixture
def sandbox_process():
    process = subprocess.Popen(
        [sys.executable, "-m", "aiobadges.sandbox", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process.stdout.readline().removeprefix("listening on ").strip()
    finally:
        process.terminate()
        process.communicate(timeout=10)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_ten_thousand_awards_finish_within_the_bounds_when_gathered(sandbox_process):
    done = subprocess.run(
        [sys.executable, "-c", CLIENT, sandbox_process, "10000"],
        stdout=subprocess.PIPE,
        check=True,
        timeout=120,
    )
    figures = json.loads(done.stdout)
    counters, outbox = asked(sandbox_process, "counters"), asked(sandbox_process, "outbox")

    assert figures["ids"] == 10_000
    assert figures["grown"] < 100 * 2**20
    assert counters["max_in_flight"] <= 20
    assert counters["requests"]["by_operation"]["badgeclasses.award"] == 10_000
    assert outbox["sent"] == 10_000
    assert outbox["doubled"] == []
