"""The engine of a run: workers that award, one that revokes, and a loop that looks into doubts.

Each is in a module of its own, and all share a `Course`; here they are started together.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import anyio
import attrs

from aiobadges.awards.awarding import Awarding
from aiobadges.awards.course import Course, Teller
from aiobadges.awards.doubts import Doubts
from aiobadges.awards.fingerprint import Precision
from aiobadges.awards.lease import FirstSeen
from aiobadges.awards.ledger.effects import Effect, Selection
from aiobadges.awards.ledger.hold import Hold
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.ledger.runs import RunRecord
from aiobadges.awards.progress import Progress
from aiobadges.awards.reconcile import Oracle
from aiobadges.awards.revoking import Revoking
from aiobadges.awards.sightings import Sighting
from aiobadges.errors import BadgesError
from aiobadges.parchment.client import ParchmentClient
from aiobadges.transport.exchange import Timeouts

__all__ = ["CRASH_POINTS", "Runner", "Work"]

CRASH_POINTS = ("after_intent", "after_response", "after_commit", "after_listing")
"""Where a process that dies leaves most behind; tests die there."""


@attrs.frozen(kw_only=True)
class Work:
    """What is to be done of a run.

    Attributes:
        workers: how many awards are worked on at once; the client's limiter bounds what is sent.
        most: so many planned rows are begun; what was in doubt before is brought to its end beside
            them.
        takes_back: why everything is taken back, empty when it is not: then nothing is sent but
            revocations.
        only: whose doubts are looked into, None for all.
        has_streaks: whether equal refusals in a row speak of the run: of rows that nothing joins
            but time they do not.
    """

    workers: int = 40
    most: int = sys.maxsize
    takes_back: str = ""
    only: Selection | None = None
    has_streaks: bool = True


class Runner:
    """Works on one run until every effect has ended, it is stopped, or something pauses it.

    Args:
        ledger: where everything is written down.
        client: what sends.
        run: the run; the caller holds it.
        work: what is to be done of it.
        tell: is awaited with the effects that come to their ends.
        hold: the right to work on it, None where several may (each send is claimed by itself).
        reach: is told of each of `CRASH_POINTS`, for tests.
        seen: since when effects stand as they do, when that is known already.
    """

    def __init__(
        self,
        ledger: Ledger,
        client: ParchmentClient,
        run: RunRecord,
        work: Work,
        *,
        tell: Teller,
        hold: Hold | None = None,
        reach: Callable[[str], None] = lambda _: None,
        seen: FirstSeen | None = None,
    ) -> None:
        self._client = client
        self._work = work
        self._course = Course(ledger, run, tell=tell, hold=hold, seen=seen, reach=reach)
        seconds = run.pacing.timeout
        timeouts = Timeouts(connect=min(10.0, seconds), read=min(30.0, seconds), total=seconds)
        asking = client.with_options(timeouts=timeouts)
        self._oracle = Oracle(asking, ledger, run)
        self._awarding = Awarding(
            self._course,
            asking,
            has_streaks=work.has_streaks,
            most=0 if work.takes_back else work.most,
            workers=work.workers,
        )
        self._revoking = Revoking(
            self._course,
            asking,
            self._oracle,
            planned=self._awarding.nudge,
            reissues=not work.takes_back,
        )
        self._doubts = Doubts(
            self._course, self._oracle, self._awarding, self._revoking,
            takes_back=work.takes_back, only=work.only,
        )  # fmt: skip

    @property
    def precision(self) -> Precision:
        """How exactly the platform gives ``issuedOn`` back, as far as is known."""
        return self._awarding.precision

    @property
    def progress(self) -> Progress:
        """How far the run is."""
        return self._course.progress

    @progress.setter
    def progress(self, progress: Progress) -> None:
        self._course.progress = progress

    @property
    def obstacle(self) -> BadgesError | None:
        """Why the run was paused; None when it was not."""
        return self._course.obstacle

    @property
    def is_stopping(self) -> bool:
        """Whether nothing more is begun."""
        return self._course.is_stopping

    def stop(self) -> None:
        """Begin nothing more; what is under way comes to its end."""
        self._course.stop()

    def leave(self) -> None:
        """Stop, and cut off what is under way; the ledger keeps it as begun."""
        self._course.leave()

    async def award_one(self, effect: Effect) -> Effect | None:
        """Send one planned effect, if it is still planned; give it when it has ended by that."""
        return await self._awarding.send_again(effect)

    async def look_first(self, effect: Effect) -> list[Sighting]:
        """List what the platform has for a planned effect.

        Raises:
            BadgesError: it cannot be asked.
        """
        return await self._oracle.look(effect.badge, effect.recipient)

    async def look_into(self, effects: list[Effect]) -> float:
        """Look once into effects in doubt that are due; give the seconds until the next one is."""
        return await self._doubts.look_into(effects)

    async def work(self) -> None:
        """Work. Raises LedgerError when something cannot be written down."""
        course = self._course
        course.progress.load(await course.ledger.counts(course.run.id))
        await self._client.session.open()
        async with anyio.create_task_group() as group:
            group.start_soon(self._revoking.work_on)
            group.start_soon(self._awarding.write_on)
            group.start_soon(self._awarding.hand_out)
            for _ in range(self._work.workers):
                group.start_soon(self._awarding.work_on)
            group.start_soon(self._doubts.work_on)
