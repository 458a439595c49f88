"""The demo: two programs, two sandboxes with equal faults, two kills, and what the outboxes say."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from asyncio.subprocess import Process
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
_LOOK = 0.01
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
        tool = [sys.executable, "-m", "aiobadges.cli.script", "award"]
        contest = _Contest(folder=folder, people=people, seed=seed, talk=talk)
        script = await contest.measure("a naive script", naive, naive)
        ours = await contest.measure(
            "aiobadges", [*tool, "run", str(roster), "--badge", MATH_EXPERT], [*tool, "resume"]
        )
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


@attrs.frozen(kw_only=True)
class _Contest:
    """Equal conditions for each program."""

    folder: Path
    people: int
    seed: int
    talk: Console

    async def measure(self, title: str, first: Sequence[str], again: Sequence[str]) -> Measured:
        """Run a program, kill it on the way, run it again to its end."""
        started = time.monotonic()
        async with Sandbox(latency=_LATENCY) as sandbox:
            sandbox.faults.probability(FAULTS, operation=_AWARD, seed=self.seed)
            outbox, environment = sandbox.outbox, self._environment(sandbox.url)
            self.talk.print(f"{title} ...")
            process = await _start(first, environment, self.folder)
            try:
                async with asyncio.timeout(_LIMIT):
                    while (  # noqa: ASYNC110 - another process moves it
                        outbox.sent < self.people * _KILL_AT and process.returncode is None
                    ):
                        await asyncio.sleep(_LOOK)
                process = await self._kill_and_start(title, process, again, sandbox)
                await asyncio.wait_for(process.wait(), _LIMIT)
            except TimeoutError:
                raise InvalidCallError(f"{title} did not end in {_LIMIT:.0f} seconds") from None
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
            return Measured(
                mails=outbox.sent,
                reached=len(outbox.by_recipient()),
                doubled=len(outbox.doubled()),
                seconds=time.monotonic() - started,
            )

    async def _kill_and_start(
        self, title: str, process: Process, again: Sequence[str], sandbox: Sandbox
    ) -> Process:
        if process.returncode is None:
            process.kill()
        await process.wait()
        self.talk.print(f"{title}: killed after {sandbox.outbox.sent} mails, started again")
        return await _start(again, self._environment(sandbox.url), self.folder)

    def _environment(self, url: str) -> dict[str, str]:
        kept = {
            name: text for name, text in os.environ.items() if not name.startswith("AIOBADGES_")
        }
        return kept | {
            "AIOBADGES_REGION": "sandbox",
            "AIOBADGES_BASE_URL": url,
            "AIOBADGES_LEDGER": str(self.folder / "ledger.sqlite3"),
        }


async def _start(command: Sequence[str], environment: dict[str, str], folder: Path) -> Process:
    with (folder / "said.txt").open("ab") as said:
        return await asyncio.create_subprocess_exec(
            *command, env=environment, cwd=folder, stdin=asyncio.subprocess.DEVNULL,
            stdout=said, stderr=said,
        )  # fmt: skip
