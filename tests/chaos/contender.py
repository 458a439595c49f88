"""What both programs are to the one who disturbs them."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from disturbances import Disturbance
from program import Program

from aiobadges.sandbox import PASSWORD, USERNAME

__all__ = ["Contender", "Starter", "pause"]


class Contender(Protocol):
    """A way of awarding a roster, by programs that can be killed and stopped."""

    title: str

    def start(self) -> Program:
        """Begin."""
        ...

    def after(self, program: Program) -> Program | None:
        """Do what one does when the program has ended, however it did; None when all is done."""
        ...

    def succeed(self, program: Program, disturbance: Disturbance) -> tuple[Program, bool]:
        """Stop the program, go on with its work in another if that can be done, and wake it.

        Gives who works now, and whether it came to that: a program may end by itself before.
        """
        ...

    def finish(self) -> None:
        """Wait for whatever else was started."""
        ...


class Starter:
    """Starts programs of one contender, and keeps what they say; with the block they all end."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.programs: list[Program] = []
        kept = {name: text for name, text in os.environ.items() if not name.startswith("AIOBADGES")}
        self._environment = kept | {
            "AIOBADGES_REGION": "sandbox",
            "AIOBADGES_BASE_URL": url,
            "AIOBADGES_USERNAME": USERNAME,
            "AIOBADGES_PASSWORD": PASSWORD,
            "AIOBADGES_LEDGER": str(folder / "ledger.sqlite3"),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_CONFIG_HOME": str(folder / "config"),
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for program in self.programs:
            program.kill()

    def start(self, command: Sequence[str]) -> Program:
        """Start a program."""
        program = Program(
            command,
            environment=self._environment,
            folder=self.folder,
            said=self.folder / f"said-{len(self.programs) + 1:03}.txt",
        )
        self.programs.append(program)
        return program


def pause(program: Program, seconds: float) -> None:
    """Let a program stand still."""
    program.stop()
    time.sleep(seconds)
    program.wake()
