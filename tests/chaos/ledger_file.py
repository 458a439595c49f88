"""The ledger as it lies on the disk, read from outside and beside the programs that write it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import attrs

from aiobadges.awards.states import OPEN, State

__all__ = ["LedgerFile", "RunSeen"]


@attrs.frozen(kw_only=True)
class RunSeen:
    """A run: its name, the process that works on it, and how many rows stand where."""

    id: str
    holder: int
    counts: dict[State, int]

    @property
    def is_open(self) -> bool:
        """Whether a row has not come to its end."""
        return any(self.counts.get(state) for state in OPEN)


class LedgerFile:
    """A ledger in SQLite."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def runs(self) -> list[RunSeen]:
        """Give all runs, the newest last."""
        found = self._rows("SELECT id, holder_pid FROM run ORDER BY rowid")
        counted = self._rows("SELECT run, state, count(*) FROM effect GROUP BY run, state")
        return [
            RunSeen(
                id=run,
                holder=holder,
                counts={State(where): count for one, where, count in counted if one == run},
            )
            for run, holder in found
        ]

    def run(self, identity: str) -> RunSeen:
        """Give one run."""
        return next(run for run in self.runs() if run.id == identity)

    def is_locked(self) -> bool:
        """Say whether somebody stands still in the middle of a commit."""
        with closing(sqlite3.connect(self.file, timeout=0.1, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
            except sqlite3.OperationalError:
                return True
        return False

    def not_awarded(self) -> set[str]:
        """Give the recipients whom no row calls awarded."""
        found = self._rows(
            "SELECT recipient FROM effect GROUP BY recipient HAVING NOT sum(state = 'awarded')"
        )
        return {recipient for (recipient,) in found}

    def awarded(self) -> int:
        """Say how many rows are awarded, in all runs together."""
        return sum(run.counts.get(State.AWARDED, 0) for run in self.runs())

    def history(self, recipient: str) -> Iterator[str]:
        """Tell everything that happened to the rows of a recipient, a line each."""
        for row in self._rows(
            "SELECT h.at, e.run, e.number, h.event, h.attempt, h.state, h.error_code,"
            " h.error_message, h.request_id FROM happening h JOIN effect e ON e.id = h.effect"
            " WHERE e.recipient = ? ORDER BY h.id",
            recipient,
        ):
            yield " ".join(str(value) for value in row if value != "")

    def _rows(self, query: str, *values: object) -> list[Any]:
        if not self.file.exists():
            return []
        with self._reading() as connection:
            try:
                return connection.execute(query, values).fetchall()
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):
                    return []  # whoever makes them was killed
                raise

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        place = f"{self.file.as_uri()}?mode=ro"
        with closing(sqlite3.connect(place, uri=True, timeout=30)) as connection:
            yield connection
