"""What the command takes of memory: as much for a long roster as for a short one."""

import os
import sys

import pytest

PER_MIB = 2**20 if sys.platform == "darwin" else 2**10
"""Of a child the system tells the peak in KiB, on macOS in bytes."""


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="the system does not tell of one child")
def test_a_roster_five_times_as_long_takes_as_much_memory(serve, begin, roster):
    sandbox = serve("--memory")

    def peak(rows):
        file = roster(rows)
        # Refused when everything is planned: a run of so many would take too long for a test.
        options = ["--badge", "Math Expert", "--max-awards", "1"]
        process = begin("award", "run", file.name, *options, env=sandbox.env)
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert f"{rows:,} people would be awarded" in said
        return used.ru_maxrss / PER_MIB

    few, many = peak(2_000), peak(10_000)

    assert many - few < 3
