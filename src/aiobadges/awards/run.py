"""Awarding the rows of a roster: rows go in, outcomes come out, each row is sent at most once.

No state outlives the run. A row whose award is unclear ends as unknown and is not sent again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping

import anyio

from aiobadges.awards.outcome import Outcome, RowStatus, duplicate_of, status_of
from aiobadges.awards.requests import award_request
from aiobadges.awards.roster.row import Row
from aiobadges.errors import (
    AlreadyHeldError,
    BadgesError,
    ForbiddenError,
    InvalidCallError,
    NotFoundError,
    NotSentError,
    RateLimitedError,
    UnauthorizedError,
    UnexpectedStatusError,
)
from aiobadges.parchment.client import ParchmentClient
from aiobadges.parchment.models import BadgeClass

__all__ = ["AwardRun"]

_STOPPING = (
    # Of the whole run, not of a row: the next row would meet the same.
    UnauthorizedError,
    ForbiddenError,
    NotFoundError,
    UnexpectedStatusError,
    NotSentError,
)


class AwardRun:
    """One run over the rows of a roster.

    Args:
        client: awards them; its limiter bounds what is in flight.
        badges: the badge class of each name in the rows; ``""`` is the one for the whole roster.
        on_outcome: is told of each row's end, on the event loop.
        workers: how many rows are worked on at once.
    """

    def __init__(
        self,
        client: ParchmentClient,
        badges: Mapping[str, BadgeClass],
        on_outcome: Callable[[Outcome], None],
        *,
        workers: int,
    ) -> None:
        self._client = client
        self._badges = badges
        self._on_outcome = on_outcome
        self._workers = workers
        self._queue: deque[Row] = deque()
        self._is_stopping = False
        self._obstacle: BadgesError | None = None

    def stop(self) -> None:
        """Begin no further row; those under way are brought to their end."""
        self._is_stopping = True

    async def award(self, rows: Iterable[Row]) -> BadgesError | None:
        """Award the rows. Every row has exactly one outcome when this returns, or is cancelled.

        Returns:
            None, or the error that stopped the run because every further row would meet it. Rows
            that were not begun are planned.
        """
        self._queue = deque(self._each_person_once(rows))
        try:
            async with anyio.create_task_group() as group:
                for _ in range(min(self._workers, len(self._queue))):
                    group.start_soon(self._work)
        finally:
            while self._queue:
                self._on_outcome(Outcome(row=self._queue.popleft(), status=RowStatus.PLANNED))
        return self._obstacle

    def _each_person_once(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Leave out who stands twice for one badge: it may be named by its name and by its id."""
        first: dict[tuple[str, ...], int] = {}
        for row in rows:
            badge = self._badges[row.badge].entity_id
            earlier = first.setdefault((badge, *row.person[1:]), row.number)
            if earlier == row.number:
                yield row
            else:
                self._on_outcome(duplicate_of(row, earlier))

    async def _work(self) -> None:
        while self._queue and not self._is_stopping:
            row = self._queue.popleft()
            try:
                outcome = await self._award(row)
            except BaseException as error:  # a bug of ours must not lose a row, either
                is_ended = isinstance(error, asyncio.CancelledError)
                self._on_outcome(
                    Outcome(
                        row=row,
                        status=RowStatus.UNKNOWN,
                        error_code="Interrupted" if is_ended else type(error).__name__,
                        error_message="the run was ended while the award was under way",
                    )
                )
                raise
            if outcome is None:
                self._queue.appendleft(row)
            else:
                self._on_outcome(outcome)

    async def _award(self, row: Row) -> Outcome | None:
        """Award one row; None when it is certain that nothing was done and it may be sent again."""
        try:
            assertion = await self._client.badgeclasses.award(
                self._badges[row.badge].entity_id, award_request(row)
            )
        except RateLimitedError:
            return None  # every call of the client waits out what the server asked for
        except _STOPPING as error:
            self._obstacle = self._obstacle or error
            self.stop()
            return None
        except BadgesError as error:
            is_held = isinstance(error, AlreadyHeldError)
            return Outcome(
                row=row,
                # What cannot be written as a request is the row's own fault.
                status=RowStatus.REJECTED
                if isinstance(error, InvalidCallError)
                else status_of(error),
                error_code="" if is_held else type(error).__name__.removesuffix("Error"),
                error_message="" if is_held else error.message,
            )
        return Outcome(
            row=row,
            status=RowStatus.AWARDED,
            assertion_id=assertion.entity_id,
            assertion_url=assertion.open_badge_id or "",
        )
