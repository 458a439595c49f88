"""Tokens as values, and where a session gets them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import attrs

from aiobadges.errors import BadgesError
from aiobadges.values import Secret
from aiobadges.wire.exchange import Answer, Request

__all__ = ["NoToken", "SignIn", "StaticToken", "TokenSet", "TokenSource"]


@attrs.frozen(kw_only=True)
class TokenSet:
    """What a sign-in gives.

    Attributes:
        access: goes with every request.
        refresh: buys the next set, once; None when the server gave none.
        expires_at: when `access` stops working, None when the server did not say.
    """

    access: Secret
    refresh: Secret | None = None
    expires_at: datetime | None = None


class TokenSource(Protocol):
    """Where a session gets its token. Bring your own to fetch tokens from elsewhere."""

    async def current(self) -> Secret | None:
        """Give the token to send now, None to send none. May wait, and may raise SignInError."""
        ...

    async def renew(self, refused: Secret) -> Secret | None:
        """Give another token after the server refused this one, None when there is no other.

        Many calls may ask at once, for the same refused token.
        """
        ...

    async def aclose(self) -> None:
        """End what is under way."""
        ...


class SignIn(Protocol):
    """How one vendor's sign-in speaks. Pure, like a dialect."""

    def login(self) -> Request | None:
        """Write the request that signs in from nothing, None when there are no credentials."""
        ...

    def refresh(self, refresh: Secret) -> Request:
        """Write the request that trades a refresh token for a new set."""
        ...

    def read(self, answer: Answer, *, now: datetime) -> TokenSet | BadgesError:
        """Read the answer of either. A SignInError means: these credentials do not work."""
        ...


class StaticToken:
    """A token somebody else keeps fresh. When it is refused there is no other."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    async def current(self) -> Secret:
        """Give the token."""
        return self._token

    async def renew(self, refused: Secret) -> None:
        """Give None: there is no other token."""

    async def aclose(self) -> None:
        """Do nothing."""


class NoToken:
    """No token at all: for a server that is told otherwise who calls."""

    async def current(self) -> None:
        """Give None: nothing is sent."""

    async def renew(self, refused: Secret) -> None:
        """Give None: there is nothing to renew."""

    async def aclose(self) -> None:
        """Do nothing."""
