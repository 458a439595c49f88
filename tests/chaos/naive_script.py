"""The naive script of the demo, started again and again as its writer would."""

from __future__ import annotations

import sys
from pathlib import Path

from contender import Starter, pause
from disturbances import PACING, Disturbance
from program import Program

__all__ = ["NaiveScript"]


class NaiveScript:
    """Repeats what fails, and notes who is done; it waits for an answer as long as the tool does."""

    title = "a naive script"

    def __init__(self, starter: Starter, roster: Path) -> None:
        self._starter = starter
        self._roster = roster

    def start(self) -> Program:
        """Begin, or begin again: it skips who is noted as done."""
        return self._starter.start(
            [
                sys.executable, "-m", "aiobadges.cli.demo_naive",
                str(self._roster), str(PACING.timeout),
            ]
        )  # fmt: skip

    def after(self, program: Program) -> Program | None:
        """Start it again until it ends well."""
        return None if program.code == 0 else self.start()

    def succeed(self, program: Program, disturbance: Disturbance) -> tuple[Program, bool]:
        """Stop it and wake it: it does not know of other processes, so none is started."""
        pause(program, disturbance.seconds)
        return program, True

    def finish(self) -> None:
        """Nothing is left."""
