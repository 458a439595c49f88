"""The demo, and what starting up costs."""

from __future__ import annotations

import re
import sys

import pytest

LOOKS = """
import sys
from aiobadges.cli.app import run
run(sys.argv[1:])
heavy = {'aiohttp', 'sqlalchemy'} & set(sys.modules)
sys.exit(f'imported {heavy}' if heavy else 0)
"""
COMMANDS = [
    [],
    *(["award", name] for name in ("run", "list", "show", "resume", "audit", "undo")),
    ["award", "export"],
    ["award", "trace"],
    ["login"],
    ["logout"],
    ["whoami"],
    ["demo"],
]


def test_the_naive_script_writes_twice_and_this_tool_does_not(run):
    finished = run("demo", "--people", "120")
    assert finished.returncode == 0, finished.stderr
    script, ours = finished.stdout.splitlines()[-2:]
    reached = re.compile(r"(\d+) of 120 +(\d+) +(\d+) +\d+")
    assert int(reached.search(script)[3]) > 0
    assert reached.search(ours).groups() == ("120", "120", "0")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_imports_nothing_heavy(run_process, command):
    finished = run_process(*command, "--help", program=[sys.executable, "-c", LOOKS])
    assert finished.returncode == 0, finished.stderr
    assert "Usage: aiobadges" in finished.stdout
