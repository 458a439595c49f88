"""Ctrl-C and SIGTERM: the first one asks to stop, the second one leaves at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:  # the sandbox is stopped by signals too, and knows no runs
    from aiobadges.awards.run import AwardRun

__all__ = ["interruptible", "interrupts"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interrupts(
    stop: Callable[[], None], talk: Console, notice: str
) -> Iterator[Callable[[], bool]]:
    """Turn the first signal into `stop()` and the second into a cancellation of this task.

    Gives a function that says whether there was one. Without this, SIGTERM would end the process
    with awards under way whose outcome nobody learns.

    Args:
        stop: begins the end.
        talk: where to answer.
        notice: what the first signal is answered with.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    count = 0

    def on_signal() -> None:
        nonlocal count
        count += 1
        if count == 1:
            talk.print(notice)
            stop()
        elif task is not None:
            task.cancel()

    earlier = {number: signal.getsignal(number) for number in _SIGNALS}
    for number in _SIGNALS:
        try:
            loop.add_signal_handler(number, on_signal)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(on_signal))
    try:
        yield lambda: count > 0
    finally:
        for number in _SIGNALS:
            with suppress(NotImplementedError):
                loop.remove_signal_handler(number)
            signal.signal(number, earlier[number])


async def interruptible(
    work: Coroutine[None, None, None], run: AwardRun, talk: Console, notice: str
) -> bool:
    """Work on a run; the first signal asks the run to stop, the second one cuts it off.

    Args:
        work: takes the outcomes of the run to their end.
        run: the run.
        talk: where to answer.
        notice: what the first signal is answered with.

    Returns:
        Whether there was a signal.

    Raises:
        CancelledError: there were two.
    """
    with interrupts(run.request_stop, talk, notice) as was_interrupted:
        working = asyncio.create_task(work)
        try:
            await asyncio.shield(working)
        except asyncio.CancelledError:  # the second signal
            await run.stop(grace=0)
            await asyncio.wait([working])
            raise
    return was_interrupted()
