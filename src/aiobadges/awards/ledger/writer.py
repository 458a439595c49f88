"""The one thread that talks to the database, and how what many tasks want becomes one commit.

A commit waits for the disk, so it is made for all who ask while the one before is under way. Who
asked is answered when everything in the group is safe on the disk, and not earlier.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeAlias, TypeVar

import sqlalchemy as sa
from sqlalchemy import exc

from aiobadges.awards.ledger.errors import LedgerError

__all__ = ["Handler", "Writer"]

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - an item

Handler: TypeAlias = Callable[[sa.Connection, Sequence[I]], Sequence[T]]
"""Does what several asked for, in one transaction, and answers each in the same order."""

_Batch: TypeAlias = "dict[Handler[Any, Any], list[tuple[Any, asyncio.Future[Any]]]]"


class Writer:
    """Owns the engine and its thread. It belongs to the event loop it is first used in.

    Args:
        open_engine: opens the database; called in the thread.
    """

    def __init__(self, open_engine: Callable[[], sa.Engine]) -> None:
        self._open_engine = open_engine
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="aiobadges-ledger")
        self._engine: sa.Engine | None = None
        self._asked: _Batch = {}
        self._is_busy = False
        self._is_closed = False
        self._is_idle: asyncio.Event | None = None

    async def open(self) -> None:
        """Open the database."""
        self._engine = await asyncio.wrap_future(self._thread.submit(self._open_engine))

    async def aclose(self) -> None:
        """Finish what was asked for, and close the database."""
        self._is_closed = True
        if self._is_busy:
            self._is_idle = asyncio.Event()
            await self._is_idle.wait()
        engine, self._engine = self._engine, None
        if engine is not None:
            await asyncio.wrap_future(self._thread.submit(engine.dispose))
        self._thread.shutdown(wait=False)

    async def ask(self, handler: Handler[I, T], item: I) -> T:
        """Have something done, in one commit with what others ask for at the same time.

        Raises:
            LedgerError: it was not done, and nothing of it is in the ledger.
        """
        if self._is_closed:
            raise LedgerError("the ledger is closed")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        self._asked.setdefault(handler, []).append((item, answer))
        if not self._is_busy:
            self._is_busy = True
            loop.call_soon(self._commit)  # whoever asks in this turn of the loop comes along
        return await answer

    async def do(self, work: Callable[[sa.Connection], T]) -> T:
        """Do something alone of its kind, in a commit with others."""
        return await self.ask(lambda connection, _: [work(connection)], None)

    def _commit(self) -> None:
        batch, self._asked = self._asked, {}
        loop = asyncio.get_running_loop()
        done = self._thread.submit(self._transact, batch)

        def tell(finished: Future[Any]) -> None:
            loop.call_soon_threadsafe(self._answer, batch, finished)

        done.add_done_callback(tell)

    def _transact(self, batch: _Batch) -> list[Sequence[Any] | BaseException]:
        try:
            with self._connect() as connection:
                return [h(connection, [item for item, _ in asked]) for h, asked in batch.items()]
        except exc.OperationalError as error:  # the disk, the lock, the server: nobody's fault
            return [_as_ours(error)] * len(batch)
        except Exception as error:  # noqa: BLE001 - told to who asked
            if sum(map(len, batch.values())) == 1:
                return [_as_ours(error)]
        # One of them spoilt it for the others: each by itself.
        return [[self._alone(handler, one) for one in asked] for handler, asked in batch.items()]

    def _alone(self, handler: Handler[Any, Any], asked: tuple[Any, asyncio.Future[Any]]) -> Any:
        (result,) = self._transact({handler: [asked]})
        return result if isinstance(result, BaseException) else result[0]

    def _connect(self) -> Any:
        if self._engine is None:
            raise LedgerError("the ledger is not open")
        return self._engine.begin()

    def _answer(self, batch: _Batch, finished: Future[Any]) -> None:
        results = finished.result()
        for asked, result in zip(batch.values(), results, strict=True):
            for number, (_, answer) in enumerate(asked):
                if answer.done():
                    continue  # who asked was cancelled; it was done all the same
                told = result if isinstance(result, BaseException) else result[number]
                if isinstance(told, BaseException):
                    answer.set_exception(told)
                else:
                    answer.set_result(told)
        self._is_busy = bool(self._asked)
        if self._is_busy:
            self._commit()
        elif self._is_idle is not None:
            self._is_idle.set()


def _as_ours(error: BaseException) -> BaseException:
    if not isinstance(error, exc.SQLAlchemyError):
        return error
    # The text of a statement error holds parameters, and so addresses.
    reason = str(error.orig) if isinstance(error, exc.DBAPIError) else type(error).__name__
    return LedgerError(
        f"the ledger cannot be written or read: {reason}",
        remedy="Nothing was sent that is not in it. Free the disk or end who locks it, then resume",
    )
