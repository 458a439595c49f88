"""What a run takes of memory: the peak of the command, for rosters of several sizes.

The command is the one a user runs, in a process of its own, and the sandbox is another, so that
what it remembers does not count. It fails when a peak is too high, or when it grows with the roster.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

MOST_MIB = 200
MOST_GROWTH_MIB = 30
SIZES = (50_000, 200_000)
COMMAND = [sys.executable, "-m", "aiobadges.cli.script", "award"]
# Of a child the system tells the peak in KiB, on macOS in bytes.
PER_MIB = 2**20 if sys.platform == "darwin" else 2**10


@contextlib.contextmanager
def sandbox() -> Iterator[dict[str, str]]:
    command = [sys.executable, "-m", "aiobadges.sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        url = process.stdout.readline().split()[-1]
        yield {"AIOBADGES_REGION": "sandbox", "AIOBADGES_BASE_URL": url}
        process.terminate()


def write_roster(file: Path, rows: int) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.write("email,first_name,last_name,student_id,narrative,programme\n")
        for number in range(rows):
            out.write(
                f"person{number}@{rows}.example.edu,Ana,Müller,{number:07},"
                "Passed all exams of the programme.,Mathematics\n"
            )


def peak_of(*arguments: str, folder: Path, env: Mapping[str, str]) -> tuple[float, float, str]:
    """Run a command; give its peak in MiB, its seconds, and what it printed."""
    begun = time.monotonic()
    with (folder / "printed").open("w+", encoding="utf-8") as printed:
        process = subprocess.Popen(
            [*COMMAND, *arguments], cwd=folder, env={**os.environ, **env}, stdout=printed
        )
        # Not `process.wait`: this tells of the one child, the resource module of all together.
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        text = printed.read()
    if process.returncode:
        sys.exit(f"aiobadges award {' '.join(arguments)} ended with {process.returncode}\n{text}")
    return used.ru_maxrss / PER_MIB, time.monotonic() - begun, text


def measure(rows: int, env: Mapping[str, str]) -> float:
    """Plan, award, audit, show and export a roster; give the highest peak."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_roster(folder / "roster.csv", rows)
        env = {**env, "AIOBADGES_LEDGER": str(folder / "ledger.sqlite3")}

        def told(what: str, *arguments: str) -> tuple[float, str]:
            peak, seconds, text = peak_of(*arguments, folder=folder, env=env)
            print(f"{rows:>9,} rows  {what:<7} {peak:6.1f} MiB  {seconds:6.1f} s", flush=True)
            return peak, text

        peak, text = told("run", "run", "roster.csv", "--badge", "Math Expert")
        if not re.search(rf"awarded  {rows:,}$", text, re.MULTILINE):
            sys.exit(f"not every row was awarded:\n{text}")
        [results] = folder.glob("roster.results-*.csv")
        run = results.stem.rpartition("-")[2]
        with results.open("rb") as lines:
            if (written := sum(1 for _ in lines)) != rows + 1:
                sys.exit(f"{results.name} has {written} lines")
        return max(
            peak,
            told("show", "show", run)[0],
            told("export", "export", run, "-o", "export.csv")[0],
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=SIZES)
    options = parser.parse_args()
    peaks: dict[int, float] = {}
    for rows in sorted(options.rows):
        with sandbox() as env:
            peaks[rows] = measure(rows, env)
    (fewest, least), *_, (most, highest) = peaks.items() if len(peaks) > 1 else [*peaks.items()] * 2
    growth = highest - least
    print(f"peak {max(peaks.values()):.1f} MiB of at most {MOST_MIB}")
    if most > fewest:
        each = growth * 2**20 / (most - fewest)
        print(f"growth {growth:.1f} MiB of at most {MOST_GROWTH_MIB}: {each:.0f} bytes a row")
    if max(peaks.values()) > MOST_MIB or growth > MOST_GROWTH_MIB:
        sys.exit("that is too much")


if __name__ == "__main__":
    main()
