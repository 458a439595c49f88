"""The demo: two programs, two sandboxes with equal faults, two kills, and what the outboxes say."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import attrs
from rich.console import Console
from rich.table import Table

from aiobadges.cli.exit_codes import ExitCode
from aiobadges.errors import InvalidCallError
from aiobadges.sandbox import MATH_EXPERT, Sandbox
from aiobadges.sandbox.faults import FaultKind

__all__ = ["FAULTS", "Measured", "run_demo"]

FAULTS: dict[FaultKind, float] = {
    "drop_after_work": 0.04,
    "after_work": 0.03,
    "drop_before_work": 0.03,
    "before_work": 0.02,
    "cut_body": 0.02,
    "unavailable": 0.01,
}
_AWARD = "badgeclasses.award"
_LATENCY = 0.1
_LIMIT = 90.0
_KILL_AT = 0.4
"""The share of mails sent at which a program is killed."""


@attrs.frozen(kw_only=True)
class Measured:
    """What an outbox says at the end."""

    mails: int
    reached: int
    doubled: int
    seconds: float


async def run_demo(*, people: int, seed: int) -> ExitCode:
    """Run both, and print how many people each wrote to twice.

    Raises:
        InvalidCallError: nobody is to be awarded, or a program did not end.
    """
    if people < 1:
        raise InvalidCallError("--people must be at least 1")
    out, talk = Console(highlight=False), Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="aiobadges-demo-") as name:
        folder = Path(name)
        roster = folder / "people.csv"
        lines = (f"person{number}@example.edu\n" for number in range(1, people + 1))
        roster.write_text("email\n" + "".join(lines), encoding="utf-8")
        talk.print(
            f"{people} people, {sum(FAULTS.values()):.0%} of the awards go wrong, one kill each"
        )
        naive = [sys.executable, "-m", "aiobadges.cli.demo_naive", str(roster)]
        script = await _measure(naive, naive, folder, people, seed, "a naive script", talk)
        tool = [sys.executable, "-m", "aiobadges.cli.script", "award"]
        ours = await _measure(
            [*tool, "run", str(roster), "--badge", MATH_EXPERT],
            [*tool, "resume"],
            folder, people, seed, "aiobadges", talk,
        )  # fmt: skip
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for column in ("people reached", "mails sent", "written to twice", "seconds"):
        table.add_column(column, justify="right")
    for title, measured in (("a naive script", script), ("aiobadges", ours)):
        table.add_row(
            title,
            f"{measured.reached} of {people}",
            str(measured.mails),
            str(measured.doubled),
            f"{measured.seconds:.0f}",
        )
    out.print(table)
    is_good = ours.doubled == 0 and ours.reached == people
    return ExitCode.DONE if is_good else ExitCode.DIFFERENCE


async def _measure(
    first: Sequence[str],
    again: Sequence[str],
    folder: Path,
    people: int,
    seed: int,
    title: str,
    talk: Console,
) -> Measured:
    """Run a program, kill it on the way, run it again to its end."""
    started = time.monotonic()
    async with Sandbox(latency=_LATENCY) as sandbox:
        sandbox.faults.probability(FAULTS, operation=_AWARD, seed=seed)
        environment = {
            name: text for name, text in os.environ.items() if not name.startswith("AIOBADGES_")
        } | {
            "AIOBADGES_REGION": "sandbox",
            "AIOBADGES_BASE_URL": sandbox.url,
            "AIOBADGES_LEDGER": str(folder / "ledger.sqlite3"),
        }
        talk.print(f"{title} ...")
        process = await _start(first, environment, folder)
        try:
            while sandbox.outbox.sent < people * _KILL_AT and process.returncode is None:
                await asyncio.sleep(0.01)
                if time.monotonic() - started > _LIMIT:
                    raise InvalidCallError(f"{title} did not get anywhere")
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
        talk.print(f"{title}: killed after {sandbox.outbox.sent} mails, started again")
        process = await _start(again, environment, folder)
        try:
            await asyncio.wait_for(process.wait(), _LIMIT)
        except TimeoutError:
            raise InvalidCallError(f"{title} did not end") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        outbox = sandbox.outbox
        return Measured(
            mails=outbox.sent,
            reached=len(outbox.by_recipient()),
            doubled=len(outbox.doubled()),
            seconds=time.monotonic() - started,
        )


async def _start(
    command: Sequence[str], environment: dict[str, str], folder: Path
) -> asyncio.subprocess.Process:
    with (folder / "said.txt").open("ab") as said:
        return await asyncio.create_subprocess_exec(
            *command, env=environment, cwd=folder, stdin=asyncio.subprocess.DEVNULL,
            stdout=said, stderr=said,
        )  # fmt: skip
