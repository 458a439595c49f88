"""Python imports this in every process that a watched test starts: its log is watched like ours.

What it finds is written at once, for such processes are killed without warning.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

CANARY = Path(__file__).parents[1] / "canary.py"


def _watch(place: str) -> None:
    spec = importlib.util.spec_from_file_location("aiobadges_canary", CANARY)
    assert spec is not None
    assert spec.loader is not None
    canary = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = canary
    spec.loader.exec_module(canary)

    def report(leak: str) -> None:
        with Path(place).open("a", encoding="utf-8") as leaks:
            leaks.write(f"in a process of the test: {leak}".replace("\n", " ") + "\n")

    canary.tap_logs(canary.Sieve(report))


if "CANARY_LEAKS" in os.environ:
    _watch(os.environ["CANARY_LEAKS"])
