"""The live progress bar of a run; silent when nobody watches."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from aiobadges.awards.progress import Progress as RunProgress
from aiobadges.awards.states import State

__all__ = ["award_progress"]

_SECONDS = 0.1
"""Between two looks: a bar that is drawn for every row costs more than the awards."""


@contextmanager
def award_progress(talk: Console, run: RunProgress) -> Iterator[None]:
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
        task = bar.add_task("awarding", total=run.total, troubles="")

        def show() -> None:
            troubles = [
                f"{run[state]} {state.value.replace('_', ' ')}"
                for state in (State.ALREADY_HELD, State.REJECTED, State.NEEDS_PERSON)
                if run[state]
            ]
            if run.unclear:
                when = f", asked again in {run.next_look_in:.0f} s" if run.next_look_in else ""
                troubles.append(f"{run.unclear} unclear{when}")
            bar.update(task, completed=run.ended, troubles=", ".join(troubles), refresh=True)

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
