"""Signing in, and one refresh for however many calls meet a 401."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from http import HTTPStatus
from typing import TypeVar

from aiobadges.errors import (
    BadgesError,
    ConnectError,
    FailedError,
    NotSentError,
    RateLimitedError,
    SignInError,
)
from aiobadges.transport.auth.stores import TokenStore
from aiobadges.transport.auth.tokens import SignIn, TokenSet
from aiobadges.transport.clock import Clock
from aiobadges.transport.events import Hook, TokenRenewed
from aiobadges.transport.exchange import HttpExchange
from aiobadges.values import Secret
from aiobadges.wire.exchange import Request
from aiobadges.wire.retry import RetryPolicy

__all__ = ["RefreshingTokens"]

E = TypeVar("E", bound=BadgesError)

_EARLY = timedelta(seconds=30)
"""A token this close to its end is renewed before it is used: the server's clock is not ours."""
_GRACE = 5.0
"""Seconds that closing waits for a running refresh: a rotated token must reach the store."""


class RefreshingTokens:
    """Signs in at first use, refreshes when it must, and stores each set before anyone gets it.

    The refresh runs in a task of its own and everybody waits for it shielded: a cancelled caller
    neither stops it for the others nor loses a token the server has already rotated. It takes no
    permit, for those who wait for it may hold them all. When the server refuses the credentials,
    every later call gets that same error: a failed login is never repeated.
    """

    def __init__(
        self,
        *,
        http: HttpExchange,
        sign_in: SignIn,
        store: TokenStore,
        clock: Clock | None = None,
        policy: RetryPolicy | None = None,
        hook: Hook = lambda _: None,
    ) -> None:
        self._http = http
        self._sign_in = sign_in
        self._store = store
        self._clock = clock or Clock()
        self._policy = policy or RetryPolicy()
        self._hook = hook
        self._tokens: TokenSet | None = None
        self._early = _EARLY
        self._flight: asyncio.Task[TokenSet] | None = None
        self._refusal: SignInError | None = None

    async def current(self) -> Secret:
        """Give the token to send now.

        Raises:
            SignInError: the server does not accept the credentials.
            SignInError: or its answer cannot be used; a later call tries again.
            ConnectError: it cannot be reached.
        """
        tokens = self._tokens
        if tokens is None or not self._is_fresh(tokens):
            tokens = await self._one_flight(None)
        return tokens.access

    async def renew(self, refused: Secret) -> Secret:
        """Give another token than the refused one; raises as `current` does."""
        tokens = self._tokens
        if tokens is None or tokens.access == refused:
            tokens = await self._one_flight(refused)
        return tokens.access

    async def aclose(self) -> None:
        """Let a running refresh reach the store, for a moment; then cancel it."""
        flight, self._flight = self._flight, None
        if flight is not None:
            await asyncio.wait([flight], timeout=_GRACE)
            flight.cancel()
            await asyncio.wait([flight])

    def _is_fresh(self, tokens: TokenSet) -> bool:
        return tokens.expires_at is None or tokens.expires_at > self._clock.now() + self._early

    async def _one_flight(self, refused: Secret | None) -> TokenSet:
        if self._refusal is not None:
            raise _anew(self._refusal)
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._obtain(refused), name="aiobadges-refresh")
            self._flight.add_done_callback(_retrieve)
        try:
            return await asyncio.shield(self._flight)
        except NotSentError as error:
            raise _anew(error) from None
        except (FailedError, RateLimitedError) as error:
            # Of the sign-in, not of the call that waits for it: that one was not sent.
            raise SignInError(
                f"no token could be had: {error.message}", site=error.site, remedy=error.remedy
            ) from _anew(error)

    async def _obtain(self, refused: Secret | None) -> TokenSet:
        async with self._store.lock():
            stored = await self._store.load()
            if stored is not None and stored.access != refused and self._is_fresh(stored):
                # Another process, or an earlier run, has done it.
                self._tokens = stored
                return stored
            try:
                tokens = await self._refresh_or_login(stored)
            except SignInError as error:
                self._refusal = error
                raise
            await self._store.save(tokens)
            if tokens.expires_at is not None:  # a short life must not mean: never fresh
                self._early = min(_EARLY, (tokens.expires_at - self._clock.now()) / 2)
            self._tokens = tokens
            self._hook(TokenRenewed())
            return tokens

    async def _refresh_or_login(self, stored: TokenSet | None) -> TokenSet:
        login = self._sign_in.login()
        if stored is not None and stored.refresh is not None:
            tokens = await self._ask(self._sign_in.refresh(stored.refresh), self._policy.attempts)
            if isinstance(tokens, TokenSet):
                # A server may leave the refresh token out when the old one stays good.
                return tokens if tokens.refresh else _with_refresh(tokens, stored.refresh)
            if tokens.status == HTTPStatus.TOO_MANY_REQUESTS:
                # It says nothing of the credentials, and it is no time to try a password.
                raise RateLimitedError(tokens.message, site=tokens.site, remedy="Try later")
            if not isinstance(tokens, SignInError) or login is None:
                raise tokens
        if login is None:
            raise SignInError("nobody is signed in", remedy="Give a token or a user name")
        tokens = await self._ask(login, 1)
        if isinstance(tokens, BadgesError):
            raise tokens
        return tokens

    async def _ask(self, request: Request, attempts: int) -> TokenSet | BadgesError:
        attempt = 0
        while True:
            attempt += 1
            answer = await self._http.exchange(request)
            verdict = self._sign_in.read(answer, now=self._clock.now())
            if attempt >= attempts or not _is_passing(verdict):
                return verdict
            await self._clock.sleep(self._policy.wait(attempt, self._clock.draw()))


def _is_passing(verdict: TokenSet | BadgesError) -> bool:
    """Whether the same request may do better in a moment."""
    return isinstance(verdict, (ConnectError, FailedError)) or (
        isinstance(verdict, BadgesError) and verdict.status == HTTPStatus.TOO_MANY_REQUESTS
    )


def _with_refresh(tokens: TokenSet, refresh: Secret) -> TokenSet:
    return TokenSet(access=tokens.access, refresh=refresh, expires_at=tokens.expires_at)


def _anew(error: E) -> E:
    """Copy it: one exception object raised in many tasks would collect all their tracebacks."""
    return type(error)(
        error.message, remedy=error.remedy, site=error.site, field_errors=error.field_errors
    )


def _retrieve(flight: asyncio.Task[TokenSet]) -> None:
    """Look at the result, so that nobody is warned of an error that all waiters left behind."""
    if not flight.cancelled():
        flight.exception()
