"""The canary as a pytest plugin: every test of the suite fails that leaks a token or an address.

It watches the tests while they run anyway. A test that leaks has an error in its teardown, which
names the place. Watched are: every log record, every error and value of aiobadges (texts, pickles,
variables in tracebacks), what processes print, and the files in ``tmp_path``. In ``tests/awards``
and ``tests/cli`` the processes that tests start have their logs watched, too.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .canary import Sieve, Specimens, mark_what_the_sandbox_makes_up, tap_logs

HERE = Path(__file__).parent
IN_CHILDREN = str(HERE / "canary_in_children")
WATCHED_CHILDREN = (HERE / "awards", HERE / "cli")

# The sandbox says to its user how to reach it, and keeps its tokens in its own state file.
ITS_OWN_TOKEN = "Authorization: Bearer sandbox-token"


class Canary:
    """One suite's watch."""

    def __init__(self) -> None:
        self.leaks: list[str] = []
        self._sieve = Sieve(self.leaks.append)
        self._specimens = Specimens(self._sieve)
        self._environment = pytest.MonkeyPatch()
        self._folder = tempfile.TemporaryDirectory(prefix="canary-")  # goes with the process
        self._said_by_children = Path(self._folder.name) / "leaks"

    def install(self) -> None:
        """Begin to watch. Nothing is undone: it lasts as long as the process."""
        mark_what_the_sandbox_makes_up()
        tap_logs(self._sieve)
        self._specimens.tap_errors()
        self._specimens.tap_values()
        self._tap_processes()

    def _tap_processes(self) -> None:
        communicate = subprocess.Popen.communicate

        def communicate_and_look(process: Any, *arguments: Any, **options: Any) -> tuple[Any, Any]:
            both = communicate(process, *arguments, **options)
            self.look_at_output(*both)
            return both

        subprocess.Popen.communicate = communicate_and_look  # type: ignore[method-assign]

    def look_at_output(self, out: str | bytes | None, err: str | bytes | None) -> None:
        """Look at what a command has printed."""
        for name, said in (("stdout", out), ("stderr", err)):
            text = said.decode("latin-1") if isinstance(said, bytes) else said or ""
            self._sieve.text(text.replace(ITS_OWN_TOKEN, ""), f"{name} of a command")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        """Have the processes of this test watched, where that is done."""
        if any(folder in item.path.parents for folder in WATCHED_CHILDREN):
            earlier = os.environ.get("PYTHONPATH", "")
            self._environment.setenv("PYTHONPATH", IN_CHILDREN + (earlier and f":{earlier}"))
            self._environment.setenv("CANARY_LEAKS", str(self._said_by_children))
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Iterator[None]:
        """Look at errors and values while the fixtures still keep them."""
        try:
            return (yield)
        finally:
            self._specimens.look()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Iterator[None]:
        """Look at what the test leaves, and fail it when it leaked."""
        result = yield
        self._environment.undo()
        self._specimens.clear()
        folder = getattr(item, "funcargs", {}).get("tmp_path")
        if folder is not None:
            self._look_at_files(folder)
        if self._said_by_children.exists():
            self.leaks += self._said_by_children.read_text(encoding="utf-8").splitlines()
            self._said_by_children.unlink()
        if self.leaks:
            leaks, self.leaks[:] = sorted(set(self.leaks)), []
            pytest.fail("the canary saw " + "\n".join(leaks), pytrace=False)
        return result

    def _look_at_files(self, folder: Path) -> None:
        for file in folder.rglob("*"):
            if file.is_file() and not file.is_symlink() and not _may_hold_tokens(file):
                self._sieve.data(file.read_bytes(), f"the file {file.relative_to(folder)}")


def _may_hold_tokens(file: Path) -> bool:
    """Say whether it is a token store, a sandbox's own state, or a file the test wrote of secrets."""
    is_store = file.parent.name == "tokens" and file.suffix == ".json"
    return (
        is_store or file.name in {"sandbox.jsonl", "state.jsonl", "netrc"} or file.suffix == ".toml"
    )
