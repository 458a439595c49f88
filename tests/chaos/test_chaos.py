"""The bounded version of ``nox -s chaos``: the same program, with fewer people."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

PROGRAM = Path(__file__).with_name("chaos.py")
SEED = 7
"""With this one a kill, the pause and another kill come in that order."""


def test_everybody_is_awarded_once_when_processes_are_killed_and_stopped_under_faults() -> None:
    size = ["--awards", "300", "--kills", "2", "--pauses", "1", "--only-ours"]
    finished = subprocess.run(
        [sys.executable, str(PROGRAM), *size, "--seed", str(SEED), "--limit", "150"],
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    said = finished.stdout + finished.stderr
    lines = finished.stdout.splitlines()
    assert finished.returncode == 0, said
    assert lines[-1] == "duplicated recipients: 0", said
