"""What importing costs beside ``import aiohttp``: CPU seconds of fresh processes, in turns.

The figure of a bare interpreter is taken off; quote the ratios of the medians. The package must be
installed with bytecode (``pip install .``): in an editable install under PYTHONDONTWRITEBYTECODE
every start compiles every module anew.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import subprocess
import sys

FIRST_AWARD = """
import asyncio
from aiobadges.parchment import ParchmentClient
from aiobadges.parchment.models import AwardRequest, Recipient
from aiobadges.wire.exchange import Response
client = ParchmentClient(region="sandbox")
dialect = client.session.dialect
from aiobadges.parchment.resources.badgeclasses import AWARD
from aiobadges.wire.operation import Call
call = Call(operation=AWARD, path=("x",), body=AwardRequest(recipient=Recipient.email("a@example.edu")))
dialect.build(call)
answer = b'{"status":{"success":true},"result":[{"entityId":"x","recipient":{"identity":"a"}}]}'
assert dialect.read(call, Response(status=201, body=answer), 1).result.entity_id == "x"
"""

WAYS = {
    "nothing": "",
    "import aiohttp": "import aiohttp",
    "import aiobadges": "import aiobadges",
    "import aiobadges.parchment": "import aiobadges.parchment",
    "ParchmentClient": "from aiobadges import ParchmentClient",
    "first award": FIRST_AWARD,
    "aiobadges --help": "import sys; sys.argv[1:] = ['--help']; sys.stdout = open('/dev/null', 'w');"
    " from aiobadges.cli.script import main; main()",
}
BOUNDS = {"import aiobadges": 1.25, "import aiobadges.parchment": 1.25, "first award": 1.5}


def cpu_of(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    figures: dict[str, list[float]] = {name: [] for name in WAYS}
    for number in range(rounds + 1):
        for name in random.sample(list(WAYS), len(WAYS)):
            seconds = cpu_of(WAYS[name])
            if number:  # the first round warms the disk cache
                figures[name].append(seconds)
    medians = {name: statistics.median(times) for name, times in figures.items()}
    floor, bare = medians["import aiohttp"], medians["nothing"]
    is_over = False
    for name, seconds in medians.items():
        ratio = (seconds - bare) / (floor - bare)
        bound = BOUNDS.get(name)
        is_over |= bound is not None and ratio > bound
        print(
            f"{name:>28}: {seconds * 1000:5.0f} ms, {ratio:.2f} of aiohttp"
            + (f" (at most {bound})" if bound else "")
        )
    print(f"medians of {rounds} rounds, CPU time; the ratios are above a bare interpreter")
    return int(is_over)


if __name__ == "__main__":
    sys.exit(main())
