"""Sends every operation from our client through Prism to the sandbox, and asks Prism what is wrong.

``python tests/contract/through_prism.py PRISM`` starts the sandbox, and Prism in front of it with
the document: it holds every request and every answer against the document and says in a header of
the answer what is not as documented. Three rounds: each operation succeeds, each is refused without
a good token, each that names something is refused when there is no such thing. Before that a wrong
request and a wrong answer are sent on purpose: a check that finds nothing there finds nothing at
all. The exit code is 0 when nothing was wrong and every operation was answered with a 2xx.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import uuid
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import attrs
from walks import WALKS
from watching import Seen, Watched

from aiobadges import ParchmentClient
from aiobadges.errors import BadgesError, NotFoundError, UnauthorizedError
from aiobadges.sandbox import MATH_EXPERT, SandboxThread
from aiobadges.wire.operation import Call

DOCUMENT = Path(__file__).parents[2] / "openapi" / "parchment.yaml"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PATIENCE = 60.0
"""Seconds for Prism to start on a busy machine; 5 is usual."""


def free_port() -> int:
    """Find a port to give to Prism; the sandbox has to know it before Prism can start."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def prism(program: str, port: int, upstream: str) -> Iterator[None]:
    """Run Prism as a proxy in front of a server; violations become errors."""
    command = [program, "proxy", "--errors", "--port", str(port), str(DOCUMENT), upstream]
    with tempfile.TemporaryFile() as said:
        # A group of its own: the Node of PyPI is a script that starts the real one as its child,
        # which would outlive it.
        process = subprocess.Popen(
            command, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            _wait_for(port, process)
            yield
        except BaseException:
            said.seek(0)
            sys.stderr.write(said.read().decode(errors="replace")[-4000:])
            raise
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit(f"Prism ended with {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise SystemExit(f"Prism did not listen within {PATIENCE:.0f} s")


def client_of(url: str, token: str, seen: Seen) -> ParchmentClient:
    """Make a client whose every answer is taken down; nothing is tried twice."""
    client = ParchmentClient(base_url=url, token=token, attempts=1)
    client.session.dialect = Watched(client.session.dialect, seen)
    return client


async def refusals(
    client: ParchmentClient, calls: list[Call[Any]], expected: type[BadgesError]
) -> list[str]:
    """Make calls that must be refused; say which were not, or otherwise."""
    wrong = []
    for call in calls:
        try:
            await client.send(call)
        except expected:
            continue
        except BadgesError as error:
            wrong.append(f"{call.operation.id}: {type(error).__name__}, not {expected.__name__}")
        else:
            wrong.append(f"{call.operation.id}: was not refused with {expected.__name__}")
    return wrong


def elsewhere(call: Call[Any]) -> Call[Any]:
    """Give the same call about something that does not exist; what is a UUID stays one."""
    path = [str(uuid.UUID(int=0)) if UUID.fullmatch(one) else "nowhere" for one in call.path]
    return attrs.evolve(call, path=tuple(path))


async def is_awake(sandbox: SandboxThread, url: str) -> list[str]:
    """Send what is wrong on purpose; say what Prism took for right."""
    missed = []
    for what, path, query in (
        ("a wrong request", f"/v2/badgeclasses/{MATH_EXPERT}/assertions", {"num": "many"}),
        ("a wrong answer", "/v2/users/self", {}),
    ):
        seen = Seen()
        sandbox.faults.next("users.get_self", "html")
        async with client_of(url, sandbox.token, seen) as client:
            with contextlib.suppress(BadgesError):
                await client.request("GET", path, query=query)
        sandbox.faults.clear()
        if not seen.violations:
            missed.append(f"{what} was not noticed")
    return missed


async def talk(url: str, token: str) -> tuple[Seen, list[str]]:
    """Make all calls; give what was seen, and what went otherwise than it should."""
    seen, wrong = Seen(), []
    async with client_of(url, token, seen) as client, client_of(url, "x", seen) as stranger:
        for walk in WALKS:
            try:
                await walk(client)
            except (BadgesError, AssertionError) as error:
                line = traceback.extract_tb(error.__traceback__)[1].line
                wrong.append(f"{walk.__name__}: {line}: {str(error) or type(error).__name__}")
        calls = [attrs.evolve(call, url=None) for call in seen.succeeded.values()]
        wrong += await refusals(stranger, calls, UnauthorizedError)
        wrong += await refusals(client, [elsewhere(c) for c in calls if c.path], NotFoundError)
    return seen, wrong


def main() -> int:
    """Run the program; give the exit code."""
    parser = argparse.ArgumentParser(description="Send every operation through Prism.")
    parser.add_argument("prism", help="the program of @stoplight/prism-cli")
    program = parser.parse_args().prism
    catalog = json.loads(
        resources.files("aiobadges.parchment").joinpath("catalog.json").read_text()
    )
    names = [operation["id"] for operation in catalog["operations"]]

    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with SandboxThread(public_url=url) as sandbox, prism(program, port, sandbox.url):
        started = time.monotonic()
        missed = asyncio.run(is_awake(sandbox, url))
        seen, wrong = asyncio.run(talk(url, sandbox.token))
        seconds = time.monotonic() - started

    problems = [*missed, *seen.violations, *wrong]
    problems += [f"{name}: never succeeded" for name in names if name not in seen.succeeded]
    exchanges = sum(counter.total() for counter in seen.statuses.values())
    sys.stdout.write("\n".join(["", *seen.rows(names), ""]))
    sys.stdout.write(
        f"\n{len(seen.succeeded)} of {len(names)} operations succeeded through Prism; {exchanges} "
        f"exchanges, {seen.links} pages by Link, {len(seen.violations)} violations, {seconds:.1f} s\n"
    )
    sys.stdout.write("".join(f"WRONG {problem}\n" for problem in problems))
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
