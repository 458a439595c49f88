"""The one door to the network: a call goes in, a reply or one of our errors comes out."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, TypeVar

import attrs

from aiobadges.errors import BadgesError, DeadlineError, InvalidCallError
from aiobadges.transport.auth.tokens import TokenSource
from aiobadges.transport.clock import Clock
from aiobadges.transport.events import AttemptEnded, Event, Hook, WillRetry, log_event
from aiobadges.transport.exchange import HttpExchange, Timeouts
from aiobadges.transport.limits import Limiter, Permit
from aiobadges.values import Secret
from aiobadges.wire.operation import Call, Dialect, Reply
from aiobadges.wire.retry import Again, RetryPolicy

__all__ = ["Options", "Session", "broadcast"]

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Options:
    """How one call is made; what is None is taken from the client.

    Attributes:
        attempts: exchanges at most, the first one included. A refresh after a 401 is none.
        deadline: seconds for everything: waiting, all attempts, the pauses between.
        timeouts: seconds for one exchange.
        permit: a permit taken beforehand, used for the first exchange, and released whatever
            happens.
        before_send: called with the connection in hand, before each exchange; what it raises is
            raised by the call, and that exchange has sent nothing.
    """

    attempts: int | None = None
    deadline: float | None = None
    timeouts: Timeouts | None = None
    permit: Permit | None = None
    before_send: Callable[[], None] | None = None

    def __attrs_post_init__(self) -> None:
        if self.attempts is not None and self.attempts < 1:
            raise InvalidCallError("attempts must be at least 1")

    def over(self, defaults: Options) -> Options:
        """Fill what is None from the client's own options."""
        return Options(
            attempts=self.attempts or defaults.attempts,
            deadline=self.deadline if self.deadline is not None else defaults.deadline,
            timeouts=self.timeouts or defaults.timeouts,
            permit=self.permit,
            before_send=self.before_send,
        )


def _signed(
    verdict: Reply[T] | Again | BadgesError, request_id: str
) -> Reply[T] | Again | BadgesError:
    """Put our request id, which was sent along, into what has none of the server's."""
    if isinstance(verdict, Reply):
        return verdict if verdict.request_id else attrs.evolve(verdict, request_id=request_id)
    error: object = verdict.error if isinstance(verdict, Again) else verdict
    while isinstance(error, BadgesError):
        if error.site is not None and not error.site.request_id:
            error.site = attrs.evolve(error.site, request_id=request_id)
        error = error.__cause__
    return verdict


def broadcast(hooks: Iterable[Hook]) -> Hook:
    """Make one hook of many, the log among them."""
    everyone = (log_event, *hooks)

    def tell(event: Event) -> None:
        for hook in everyone:
            hook(event)

    return tell


class _PermitTaken(AbstractAsyncContextManager[Permit]):
    """A permit as a block: ``async with session.permit(1) as permit``."""

    def __init__(self, limiter: Limiter, cost: int) -> None:
        self._limiter = limiter
        self._cost = cost
        self._permit: Permit | None = None

    async def __aenter__(self) -> Permit:
        self._permit = await self._limiter.acquire(self._cost)
        return self._permit

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._permit is not None:
            self._permit.release()


class Session:
    """What all resources of a client share. It owns nothing that needs a running event loop.

    Args:
        dialect: how the vendor speaks; also an attribute, for who builds and reads without sending.
        http: does the exchanges.
        tokens: gives the token.
        limiter: gives permits.
        policy: how often reads are tried.
        hook: is told what happens.
        clock: where time and chance come from.
        options: the client's own, for calls that say nothing else.
        prepare: slow imports, run once in a thread before the first call.
    """

    def __init__(
        self,
        *,
        dialect: Dialect,
        http: HttpExchange,
        tokens: TokenSource,
        limiter: Limiter,
        policy: RetryPolicy | None = None,
        hook: Hook = log_event,
        clock: Clock | None = None,
        options: Options | None = None,
        prepare: Callable[[], object] = lambda: None,
    ) -> None:
        self.dialect = dialect
        self._http = http
        self._tokens = tokens
        self._limiter = limiter
        self._policy = policy or RetryPolicy()
        self._hook = hook
        self._clock = clock or Clock()
        self._options = options or Options()
        self._prepare: Callable[[], object] | None = prepare

    def derive(self, options: Options) -> Session:
        """Give a session with other options that shares everything else with this one."""
        derived = Session.__new__(Session)
        derived.__dict__.update(self.__dict__)
        derived._options = options.over(self._options)  # noqa: SLF001 - its own class
        return derived

    def speaking(self, dialect: Dialect) -> Session:
        """Give a session with another dialect that shares everything else with this one.

        Connections, limits and options stay the same, so the origin must, too.

        Raises:
            InvalidCallError: the dialect speaks to another origin.
        """
        if dialect.origin != self.dialect.origin:
            raise InvalidCallError("a session speaks to one origin only")
        derived = self.derive(Options())
        derived.dialect = dialect
        return derived

    async def open(self) -> None:
        """Get ready, off the event loop where it is slow. The first call does it by itself."""
        prepare, self._prepare = self._prepare, None
        if prepare is not None:
            await asyncio.to_thread(prepare)
        await self._http.open()

    async def aclose(self) -> None:
        """End what is under way and close the connections."""
        await self._tokens.aclose()
        await self._http.aclose()

    async def signed_in(self) -> None:
        """Make sure there is a token: awaited before a permit is taken early, never under one."""
        await self._tokens.current()

    async def acquire(self, cost: int = 1) -> Permit:
        """Take a permit before the call it is for, to hand it on: the call gives it back."""
        return await self._limiter.acquire(cost)

    def permit(self, cost: int = 1) -> AbstractAsyncContextManager[Permit]:
        """Take a permit before the call it is for: ``async with session.permit() as permit``."""
        return _PermitTaken(self._limiter, cost)

    async def send(self, call: Call[T], options: Options | None = None) -> Reply[T]:
        """Make a call.

        Args:
            call: what to do.
            options: how, where it differs from the client's own.

        Returns:
            The reply, decoded.

        Raises:
            InvalidCallError: an argument cannot be sent.
            NotSentError: nothing can have reached the server.
            RejectedError: the server did not do it.
            FailedError: a read or an idempotent call got no good answer.
            OutcomeUnknownError: a write may or may not have happened.
        """
        chosen = self._options if options is None else options.over(self._options)
        try:
            return await self._send(call, chosen)
        finally:
            if chosen.permit is not None:
                chosen.permit.release()

    async def _send(self, call: Call[T], options: Options) -> Reply[T]:
        request = self.dialect.build(call)
        await self.open()  # before any wait: a closed client, or another loop's, must say so
        attempts = options.attempts or self._policy.attempts
        ends = None if options.deadline is None else self._clock.monotonic() + options.deadline
        request_id = uuid.uuid4().hex
        permit, failure, attempt, has_renewed = options.permit, None, 0, False
        while True:
            attempt += 1
            token, permit = await self._admit(call, permit, ends, failure)
            started = self._clock.monotonic()
            async with permit:  # one exchange, nothing else
                answer = await self._http.exchange(
                    request,
                    token=token,
                    before_send=options.before_send,
                    timeouts=self._within(ends, options.timeouts),
                    extra_headers={"X-Request-ID": request_id},
                )
            permit = None
            self._limiter.observe(answer)
            verdict = _signed(self.dialect.read(call, answer, attempt), request_id)
            seconds = self._clock.monotonic() - started
            self._tell(call, attempt, seconds, request_id, verdict)
            if isinstance(verdict, Reply):
                return verdict
            if isinstance(verdict, BadgesError):
                raise verdict
            failure = verdict.error
            if verdict.refresh:
                if has_renewed or token is None or not await self._renewed(token, ends, failure):
                    raise failure
                has_renewed, attempt = True, attempt - 1
                continue
            if attempt >= attempts:
                raise failure
            await self._back_off(call, attempt, failure, ends)

    async def _admit(
        self,
        call: Call[Any],
        permit: Permit | None,
        ends: float | None,
        failure: BadgesError | None,
    ) -> tuple[Secret | None, Permit]:
        """Wait for a token, then for a permit: who waits for a token must not hold one."""
        token, taken = None, permit
        try:
            async with self._until(ends):
                token = await self._tokens.current()
                taken = permit or await self._limiter.acquire(call.operation.cost)
        except TimeoutError:
            taken = None  # one that was taken beforehand is released by `send`
        # A timeout strikes only who has to wait, so the clock is looked at again.
        if taken is not None and (ends is None or self._clock.monotonic() < ends):
            return token, taken
        if taken is not None:
            taken.release()
        if failure is not None:
            raise failure from failure.__cause__
        raise DeadlineError(
            "the deadline passed before the first attempt",
            site=call.site(attempts=0),
            remedy="Give more time, or lower the load on this client",
        )

    async def _renewed(self, refused: Secret, ends: float | None, failure: BadgesError) -> bool:
        try:
            async with self._until(ends):
                return await self._tokens.renew(refused) is not None
        except TimeoutError:
            raise failure from failure.__cause__

    def _until(self, ends: float | None) -> AbstractAsyncContextManager[object]:
        if ends is None:
            return contextlib.nullcontext()
        return asyncio.timeout(ends - self._clock.monotonic())

    def _within(self, ends: float | None, timeouts: Timeouts | None) -> Timeouts | None:
        if ends is None:
            return timeouts
        chosen = timeouts or self._http.timeouts
        left = max(ends - self._clock.monotonic(), 0.001)
        return attrs.evolve(chosen, total=min(chosen.total, left))

    async def _back_off(
        self, call: Call[Any], attempt: int, failure: BadgesError, ends: float | None
    ) -> None:
        seconds = self._policy.wait(attempt, self._clock.draw())
        if ends is not None and self._clock.monotonic() + seconds >= ends:
            raise failure
        self._hook(
            WillRetry(
                operation=call.operation.id,
                attempt=attempt,
                seconds=seconds,
                outcome=type(failure).__name__,
            )
        )
        await self._clock.sleep(seconds)

    def _tell(
        self,
        call: Call[Any],
        attempt: int,
        seconds: float,
        request_id: str,
        verdict: Reply[Any] | Again | BadgesError,
    ) -> None:
        said = verdict.error if isinstance(verdict, Again) else verdict
        self._hook(
            AttemptEnded(
                operation=call.operation.id,
                method=call.operation.method,
                template=call.operation.label or call.operation.template,
                attempt=attempt,
                status=said.status,
                seconds=round(seconds, 6),
                request_id=said.request_id or request_id,
                outcome=type(said).__name__ if isinstance(said, BadgesError) else "ok",
            )
        )
