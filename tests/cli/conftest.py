"""Fixtures: the command with a home of its own, in this process or in real ones with real signals."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import logging
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import attrs
import pytest

from aiobadges.cli.script import main
from aiobadges.sandbox import SandboxThread

Finished = subprocess.CompletedProcess[str]
COMMAND = [sys.executable, "-m", "aiobadges.cli.script"]
_LIBRARIES = {"asyncio", "aiohttp"}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Give an environment in which nothing is this user's, and nothing is set."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("AIOBADGES_")}
    home = tmp_path / "home"
    places = {"XDG_DATA_HOME": str(home / "data"), "XDG_CONFIG_HOME": str(home / "config")}
    return kept | places | {"HOME": str(home), "NO_PROXY": "127.0.0.1", "PYTHONUTF8": "1"}


@pytest.fixture
def run(
    tmp_path: Path,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    request: pytest.FixtureRequest,
) -> Callable[..., Finished]:
    """Run the command to its end, in this process: starting one takes longer than most commands.

    Nobody can be asked: stdin is no terminal, and has what ``stdin`` says. What a process would
    print of tasks and connections that were forgotten fails the test.
    """
    canary = request.config.pluginmanager.get_plugin("canary")

    def run(*arguments: str, env: Mapping[str, str] | None = None, stdin: str = "") -> Finished:
        capsys.readouterr()  # what a command in a thread of the test has said
        surroundings = mock.patch.dict(os.environ, environment | dict(env or {}), clear=True)
        with surroundings, monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["aiobadges", *arguments])
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            patch.chdir(tmp_path)
            code = main()
        out, err = capsys.readouterr()
        canary.look_at_output(out, err)
        forgotten = [
            record.getMessage()
            for record in caplog.records
            if record.levelno >= logging.WARNING and record.name.split(".")[0] in _LIBRARIES
        ]
        assert forgotten == []
        return subprocess.CompletedProcess(arguments, code, out, err)

    return run


@pytest.fixture
def run_process(tmp_path: Path, environment: dict[str, str]) -> Callable[..., Finished]:
    """Run the command in a process of its own, for what only a process has: a terminal, signals,
    modules that nobody has loaded; ``program`` runs something else in its place.
    """

    def run_process(
        *arguments: str,
        env: Mapping[str, str] | None = None,
        program: list[str] = COMMAND,
        **options: Any,
    ) -> Finished:
        return subprocess.run(
            [*program, *arguments],
            env=environment | dict(env or {}),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            **options,
        )

    return run_process


@pytest.fixture
def begin(
    tmp_path: Path, environment: dict[str, str]
) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the command and leave it running; it is gone after the test."""
    with contextlib.ExitStack() as stack:
        # Tests in the background of a shell ignore Ctrl-C, and would hand that on.
        earlier = signal.signal(signal.SIGINT, signal.default_int_handler)
        stack.callback(signal.signal, signal.SIGINT, earlier)

        def begin(
            *arguments: str, env: Mapping[str, str] | None = None, **options: Any
        ) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [*COMMAND, *arguments],
                env=environment | dict(env or {}),
                cwd=tmp_path,
                text=True,
                **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield begin


class Local:
    """A sandbox in a thread of the tests, for commands here and in other processes."""

    def __init__(self, thread: SandboxThread) -> None:
        self.thread = thread
        self.url = thread.url
        self.env = {"AIOBADGES_REGION": "sandbox", "AIOBADGES_BASE_URL": thread.url}

    @property
    def awards(self) -> int:
        """How many requests for an award it has had."""
        return self.requests("badgeclasses.award")

    @property
    def mails(self) -> int:
        """How many mails it has sent; nobody may have been written to twice."""
        assert self.thread.outbox.doubled() == []
        return self.thread.outbox.sent

    def requests(self, operation: str) -> int:
        """How many requests an operation has had."""
        return self.thread.counters.of(operation)

    def until(self, condition: Callable[[Local], bool]) -> None:
        """Wait until something is so."""
        ends = time.monotonic() + 20
        while not condition(self):
            assert time.monotonic() < ends, "it did not come to that"
            time.sleep(0.01)


@pytest.fixture
def sandboxed() -> Iterator[Callable[..., Local]]:
    """Start a sandbox with options in a thread; it is closed at the end."""
    with contextlib.ExitStack() as stack:
        yield lambda **options: Local(stack.enter_context(SandboxThread(**options)))


@attrs.frozen
class Served:
    """A sandbox that the command runs, in a process of its own."""

    process: subprocess.Popen[str]
    url: str

    @property
    def env(self) -> dict[str, str]:
        """What points the command at it."""
        return {"AIOBADGES_REGION": "sandbox", "AIOBADGES_BASE_URL": self.url}

    def look(self, what: str) -> Any:
        """Ask its control surface: ``outbox`` or ``counters``."""
        address = f"{self.url}/_sandbox/{what}"
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - http on loopback
            return json.load(answer)

    @property
    def awards(self) -> int:
        """How many requests for an award it has had."""
        return self.look("counters")["requests"]["by_operation"].get("badgeclasses.award", 0)


@pytest.fixture
def serve(begin: Callable[..., subprocess.Popen[str]]) -> Callable[..., Served]:
    """Start ``aiobadges sandbox`` on any free port."""

    def serve(*arguments: str) -> Served:
        process = begin("sandbox", "--port", "0", *arguments)
        assert process.stdout is not None
        return Served(process, process.stdout.readline().removeprefix("listening on ").strip())

    return serve


@pytest.fixture
def the_line() -> Callable[[Finished, int], str]:
    """Give the one line a command left on stderr when it ended with that exit code."""

    def the_line(finished: Finished, code: int) -> str:
        assert "Traceback" not in finished.stderr
        assert finished.returncode == code, finished.stderr
        [line] = finished.stderr.splitlines()
        assert line.startswith("aiobadges: ")
        assert finished.stdout == ""
        return line.removeprefix("aiobadges: ")

    return the_line


@pytest.fixture
def roster(tmp_path: Path) -> Callable[..., Path]:
    """Write a roster of that many people."""

    def roster(count: int = 3, name: str = "graduates.csv") -> Path:
        file = tmp_path / name
        addresses = (f"person{number}@example.edu\n" for number in range(2, count + 2))
        file.write_text("email\n" + "".join(addresses), encoding="utf-8")
        return file

    return roster


@pytest.fixture
def results(tmp_path: Path) -> Callable[[], list[list[dict[str, str]]]]:
    """Give the rows of each results file, the oldest file first."""

    def results() -> list[list[dict[str, str]]]:
        files = sorted(tmp_path.glob("*.results-*.csv"), key=lambda file: file.stat().st_mtime_ns)
        tables = []
        for file in files:
            with file.open(encoding="utf-8-sig", newline="") as lines:
                tables.append(list(csv.DictReader(lines)))
        return tables

    return results
