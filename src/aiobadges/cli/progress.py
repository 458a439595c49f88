"""The live progress bar of a run; silent when nobody watches."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from aiobadges.awards.outcome import RowStatus, Tally

__all__ = ["award_progress"]

_SECONDS = 0.1
"""Between two looks: a bar that is drawn for every row costs more than the awards."""


@contextmanager
def award_progress(talk: Console, tally: Tally, *, total: int) -> Iterator[None]:
    """Show a bar on `talk` while the block runs; it looks at the counts by itself."""
    with Progress(
        TextColumn("awarding"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[troubles]}"),
        console=talk,
        disable=not talk.is_terminal,
        get_time=time.monotonic,
        auto_refresh=False,
    ) as bar:
        task = bar.add_task("awarding", total=total, troubles="")

        def show() -> None:
            done = tally.total - tally[RowStatus.DUPLICATE] - tally[RowStatus.PLANNED]
            troubles = [
                f"{tally[status]} {status.value.replace('_', ' ')}"
                for status in (RowStatus.ALREADY_HELD, RowStatus.REJECTED, RowStatus.UNKNOWN)
                if tally[status]
            ]
            bar.update(task, completed=done, troubles=", ".join(troubles), refresh=True)

        async def watch() -> None:
            while True:
                await asyncio.sleep(_SECONDS)
                show()

        watcher = asyncio.create_task(watch(), name="aiobadges-progress")
        try:
            yield
        finally:
            watcher.cancel()
            show()
