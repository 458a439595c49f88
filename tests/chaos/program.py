"""A program under test as a process: what it said, and what is done to it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["Program"]


class Program:
    """One process. What it says goes to a file of its own.

    Args:
        command: what is run.
        environment: all of its environment.
        folder: where it runs.
        said: the file.
    """

    def __init__(
        self, command: Sequence[str], *, environment: Mapping[str, str], folder: Path, said: Path
    ) -> None:
        self._said = said
        with said.open("wb") as out:
            self._process = subprocess.Popen(
                command, env=environment, cwd=folder, stdin=subprocess.DEVNULL,
                stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def code(self) -> int | None:
        """Its exit code; None while it runs or is stopped."""
        return self._process.poll()

    def said(self) -> str:
        """Give what it has said up to now."""
        return self._said.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """End it as nothing can be prepared for, and wait until it is gone."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Let it stand still."""
        os.kill(self.pid, signal.SIGSTOP)

    def wake(self) -> None:
        """Let it go on."""
        if self.code is None:
            os.kill(self.pid, signal.SIGCONT)

    def ends_in(self, seconds: float) -> bool:
        """Wait for its end; False when it does not come."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True
