"""The results file: the roster as it was, with what became of each row beside it."""

from __future__ import annotations

import asyncio
import contextlib
import csv
from collections.abc import AsyncIterable, Sequence
from pathlib import Path
from typing import IO

from aiobadges.awards.chunks import in_chunks
from aiobadges.awards.outcome import Outcome
from aiobadges.awards.roster.cells import safe_cell
from aiobadges.errors import InvalidCallError

__all__ = ["RESULT_COLUMNS", "ResultsFile", "results_path", "write_results"]

RESULT_COLUMNS = ("status", "assertion_id", "assertion_url", "error_code", "error_message")


def results_path(roster: Path, run: str) -> Path:
    """Give the results file of a run: beside the roster, ``graduates.results-7KQ2.csv``."""
    return roster.with_name(f"{roster.stem}.results-{run}.csv")


async def write_results(
    out: IO[str], header: Sequence[str], outcomes: AsyncIterable[Outcome]
) -> int:
    """Write outcomes as a CSV table, as they come, and give their number."""
    # A roster that was one of our results has these columns already: the new ones replace them.
    kept = [name for name in header if name not in RESULT_COLUMNS]
    writer, count = csv.writer(out), 0
    head = [safe_cell(name) for name in kept] + list(RESULT_COLUMNS)
    await asyncio.to_thread(writer.writerow, head)
    async for chunk in in_chunks(outcomes):
        await asyncio.to_thread(writer.writerows, (_cells(one, kept) for one in chunk))
        count += len(chunk)
    return count


def _cells(outcome: Outcome, kept: Sequence[str]) -> list[str]:
    cells = [outcome.cells.get(name, "") for name in kept]
    cells += [str(getattr(outcome, column)) for column in RESULT_COLUMNS]
    return [safe_cell(cell) for cell in cells]


class ResultsFile:
    """A CSV file in UTF-8 with a byte order mark, as Excel wants it. It is never overwritten.

    It is opened before the first award, so that a folder that cannot be written to is found then.

    Args:
        file: where; it must not exist.
        header: the columns of the roster.

    Raises:
        InvalidCallError: the file cannot be made.
    """

    def __init__(self, file: Path, header: Sequence[str]) -> None:
        self.file = file
        self._header = header
        try:
            self._out: IO[str] = file.open("x", encoding="utf-8-sig", newline="")
        except FileExistsError:
            raise InvalidCallError(
                f"the file {file} is there already, and is not overwritten",
                remedy="Name another, or remove it",
            ) from None
        except OSError as error:
            raise InvalidCallError(
                f"the results file {file} cannot be made: {error.strerror}",
                remedy="Nothing was sent. Copy the roster to a folder you can write to",
            ) from None

    async def write(self, outcomes: AsyncIterable[Outcome]) -> int:
        """Write outcomes as they come, close the file, and give their number."""
        try:
            return await write_results(self._out, self._header, outcomes)
        finally:
            await asyncio.to_thread(self._out.close)

    def close(self) -> None:
        """Let go of the file when it could not be written."""
        with contextlib.suppress(OSError):  # what was not written then is not written now
            self._out.close()

    def discard(self) -> None:
        """Remove the file: nothing was awarded."""
        self._out.close()
        self.file.unlink(missing_ok=True)
