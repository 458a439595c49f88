"""A sandbox for synchronous callers: in a thread, with an event loop of its own."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Self, TypeVar, Unpack

from aiobadges.sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aiobadges.sandbox.awards import AwardSeen
    from aiobadges.sandbox.counters import Counters
    from aiobadges.sandbox.faults import Faults
    from aiobadges.sandbox.outbox import Outbox
    from aiobadges.sandbox.server import SandboxOptions
    from aiobadges.sandbox.thought_industries.service import ThoughtIndustries

__all__ = ["SandboxThread"]

T = TypeVar("T")


class SandboxThread:
    """Runs a `Sandbox` between `start` and `stop`, or as a context manager.

    Faults, outbox and counters may be used from any thread, and so may everything else here.

    Args:
        options: those of `Sandbox`.
    """

    def __init__(self, **options: Unpack[SandboxOptions]) -> None:
        self._sandbox = Sandbox(**options)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    @property
    def url(self) -> str:
        """Where it listens: scheme, host and port."""
        return self._sandbox.url

    @property
    def token(self) -> str:
        """An access token that is always good and may do everything."""
        return self._sandbox.token

    @property
    def faults(self) -> Faults:
        """What goes wrong."""
        return self._sandbox.faults

    @property
    def outbox(self) -> Outbox:
        """The mails that would have been sent."""
        return self._sandbox.outbox

    @property
    def counters(self) -> Counters:
        """What was asked."""
        return self._sandbox.counters

    @property
    def learning(self) -> ThoughtIndustries:
        """The learning paths: their key and meter. Add learners with `add_learner`."""
        return self._sandbox.learning

    def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Start the thread, and wait until the sandbox listens.

        Raises:
            StateInUseError: another sandbox holds the state file.
            StateFileError: the state file cannot be read.
            OSError: the port is taken.
        """
        if self._thread is not None:
            raise RuntimeError("the sandbox runs already")
        ready: Future[None] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(host, port, ready)),
            name="aiobadges-sandbox",
            daemon=True,
        )
        self._thread.start()
        try:
            ready.result()
        except BaseException:
            self._join()
            raise

    def stop(self) -> None:
        """Stop the sandbox, and wait for the thread; stopping twice is fine."""
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def awards(self, address: str) -> list[AwardSeen]:
        """Give every assertion of a recipient, oldest first, revoked and expired ones too."""
        return self._in_loop(lambda: self._sandbox.awards(address))

    def add_user(self, username: str, password: str) -> str:
        """Add an account that may sign in and has no role in any issuer yet; give its entity id.

        Raises:
            ValueError: there is one of that name.
        """
        return self._in_loop(lambda: self._sandbox.add_user(username, password))

    def add_group(self, name: str, members: Iterable[str]) -> str:
        """Add a group of recipients to the seeded issuer; give its id."""
        return self._in_loop(lambda: self._sandbox.add_group(name, members))

    def claim(self, code: str, address: str) -> str:
        """Use a claim code, as somebody does on its page; give the entity id of the award.

        Raises:
            ValueError: the code does not work, or the person holds the badge.
        """
        return self._in_loop(lambda: self._sandbox.claim(code, address))

    def complete_course(self, address: str, domain: str, course: str) -> None:
        """Let somebody have completed a course now, as a learning system would report it."""
        self._in_loop(lambda: self._sandbox.complete_course(address, domain, course))

    def add_learner(self, email: str) -> str:
        """Add a learner who has not begun anything; give the token that acts for them.

        Raises:
            ValueError: there is one of that address.
        """
        return self._in_loop(lambda: self._sandbox.learning.add_learner(email))

    def reset(self) -> None:
        """Make everything as it was at the first start: records, outbox, counters, faults."""
        self._in_loop(self._sandbox.reset)

    def expire_tokens(self) -> int:
        """Let every access token expire now, but for `token`; give their number."""
        return self._in_loop(self._sandbox.expire_tokens)

    async def _serve(self, host: str, port: int, ready: Future[None]) -> None:
        try:
            await self._sandbox.start(host, port)
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            ready.set_exception(error)
            return
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        ready.set_result(None)
        try:
            await self._stop.wait()
        finally:
            self._loop = self._stop = None
            await self._sandbox.aclose()

    def _join(self) -> None:
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _in_loop(self, ask: Callable[[], T]) -> T:
        """Ask in the thread that owns the state; with no thread, here."""
        if self._loop is None:
            return ask()
        answer: Future[T] = Future()

        def run() -> None:
            try:
                answer.set_result(ask())
            except BaseException as error:  # noqa: BLE001 - raised again in the asking thread
                answer.set_exception(error)

        self._loop.call_soon_threadsafe(run)
        return answer.result()
