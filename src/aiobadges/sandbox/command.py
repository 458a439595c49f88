"""The command line: ``python -m aiobadges.sandbox``."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from aiobadges.sandbox.faults import FAULT_KINDS, fault_kind
from aiobadges.sandbox.journal import StateFileError
from aiobadges.sandbox.limits import RateLimit
from aiobadges.sandbox.ownership import StateInUseError
from aiobadges.sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiobadges.sandbox.faults import FaultKind

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a sandbox until SIGINT or SIGTERM; give the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    sandbox = Sandbox(
        state=options.state,
        latency=options.latency,
        rate_limit=options.rate_limit,
        public_url=options.public_url,
        token_lifetime=options.token_lifetime,
        cursor_names=options.cursor_names,
        work_seconds=options.work_seconds,
    )
    try:
        sandbox.faults.probability(dict(options.fault), seed=options.fault_seed)
    except ValueError as error:
        parser.error(str(error))
    try:
        asyncio.run(_run(sandbox, options.host, options.port))
    except (StateInUseError, StateFileError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


async def _run(sandbox: Sandbox, host: str, port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    await sandbox.start(host, port)
    try:
        sys.stdout.write(f"listening on {sandbox.url}\n")
        sys.stdout.flush()
        await stop.wait()
    finally:
        await sandbox.aclose()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m aiobadges.sandbox",
        description="A server on this machine that behaves like Parchment Digital Badges.",
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="the address to listen on")
    add("--port", type=int, default=0, help="the port; 0, the default, for any free one")
    add("--state", type=Path, metavar="FILE", help="keep everything in this file")
    add("--latency", type=float, default=0.0, metavar="S", help="seconds each request waits")
    add(
        "--rate-limit",
        type=RateLimit.parse,
        metavar="N[/S]",
        help="serve N requests a second, or in S seconds",
    )
    add("--public-url", default="", metavar="URL", help="what absolute links start with")
    add("--token-lifetime", type=float, default=86400.0, metavar="S", help="of access tokens")
    add(
        "--fault",
        type=_fault,
        nargs="+",
        action="extend",
        default=[],
        metavar="KIND=PROBABILITY",
        help=f"let requests go wrong; the kinds are {', '.join(FAULT_KINDS)}",
    )
    add("--fault-seed", type=int, metavar="N", help="the same faults every time")
    add("--work-seconds", type=float, default=0.0, metavar="S", help="how long an award takes")
    add(
        "--cursor-names",
        type=_cursor_names,
        default=("after", "before"),
        metavar="AFTER,BEFORE",
        help="what the cursors of lists are called",
    )
    return parser


def _fault(text: str) -> tuple[FaultKind, float]:
    kind, _, share = text.partition("=")
    try:
        return fault_kind(kind), float(share)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _cursor_names(text: str) -> tuple[str, str]:
    after, comma, before = text.partition(",")
    if not (after and comma and before) or after == before:
        raise argparse.ArgumentTypeError("give two names with a comma between them")
    return after, before
