"""Badgr's sign-in: ``POST {base}/o/token``, by password or by refresh token.

Facts of the vendor's pages: only user name and password are needed (no client id); a refresh token
works once and comes back new; credentials in the query are refused. Errors follow RFC 6749, but
their status differs by server version, so the ``error`` member decides.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import msgspec

from aiobadges.errors import BadgesError, BadResponseError, CallSite, ServerError, SignInError
from aiobadges.transport.auth.tokens import TokenSet
from aiobadges.values import Secret
from aiobadges.wire.exchange import Answer, Broken, Request
from aiobadges.wire.statuses import error_of_break

__all__ = ["BadgrSignIn"]

_PATH = "/o/token"

_REMEDIES = {
    "invalid_grant": "Check user name and password, and the region: accounts belong to one region",
    # Seen on installations of one's own until a public client is registered.
    "invalid_client": "The server wants a registered application; ask its operator, or use a token",
}


class _Granted(msgspec.Struct):
    access_token: str
    refresh_token: str | None = None
    expires_in: float | None = None


class BadgrSignIn:
    """The password and refresh grants.

    Args:
        base_url: of the API.
        username: the account's e-mail address; empty when only a stored token is to be refreshed.
        password: its password. An account that signs in by SSO only has none, and needs one.
    """

    def __init__(self, base_url: str, username: str = "", password: Secret | None = None) -> None:
        self._url = base_url + _PATH
        self._username = username
        self._password = password

    def login(self) -> Request | None:
        """Write the password grant, None without credentials."""
        if not self._username or self._password is None:
            return None
        return self._form({"username": self._username, "password": self._password.reveal()})

    def refresh(self, refresh: Secret) -> Request:
        """Write the refresh grant."""
        return self._form({"grant_type": "refresh_token", "refresh_token": refresh.reveal()})

    def _form(self, fields: dict[str, str]) -> Request:
        return Request(
            method="POST",
            url=self._url,
            headers={
                "Accept": "application/json",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            body=urlencode(fields).encode(),
        )

    def read(self, answer: Answer, *, now: datetime) -> TokenSet | BadgesError:
        """Read the answer of either grant."""
        site = CallSite(operation="sign-in", method="POST", template=_PATH, status=answer.status)
        if isinstance(answer, Broken):
            return error_of_break(answer, site)
        if answer.status == HTTPStatus.OK:
            try:
                granted = msgspec.json.decode(answer.body, type=_Granted)
                expires_at = (
                    now + timedelta(seconds=granted.expires_in) if granted.expires_in else None
                )
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError):
                return BadResponseError("the sign-in answer cannot be read", site=site)
            if not granted.access_token:
                return BadResponseError("the sign-in answer holds no token", site=site)
            return TokenSet(
                access=Secret(granted.access_token),
                refresh=Secret(granted.refresh_token) if granted.refresh_token else None,
                expires_at=expires_at,
            )
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return ServerError("the sign-in failed on the server", site=site, remedy="Try later")
        return self._refusal(answer.body, site)

    def _refusal(self, body: bytes, site: CallSite) -> SignInError:
        try:
            said: Any = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            said = None
        if not isinstance(said, dict):
            return SignInError(
                "the server refused the sign-in without a word",
                site=site,
                remedy="Check the region and the base URL",
            )
        kind = said.get("error")
        if isinstance(wait := said.get("expires"), (int, float)) and not isinstance(wait, bool):
            return SignInError(
                "too many failed logins",
                site=site,
                remedy=f"Wait {wait:.0f} seconds, then try once",
            )
        remedy = _REMEDIES.get(kind, _REMEDIES["invalid_grant"]) if isinstance(kind, str) else ""
        if kind == "invalid_grant" and self.login() is None:
            remedy = "What was stored of the last sign-in is no longer good: sign in again"
        return SignInError(f"the server refused the sign-in ({kind})", site=site, remedy=remedy)
