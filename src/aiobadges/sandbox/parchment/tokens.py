"""Signing in: ``POST /o/token``, which speaks OAuth 2.0 (RFC 6749) and no envelope."""

from __future__ import annotations

import math
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import msgspec
from msgspec.structs import replace

from aiobadges.sandbox.exchange import Answer
from aiobadges.sandbox.parchment import identifiers
from aiobadges.sandbox.parchment.records import Token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aiobadges.sandbox.exchange import Incoming
    from aiobadges.sandbox.parchment.call import Tenant

__all__ = ["ALL_SCOPES", "LoginThrottle", "expire_all", "grant"]

ALL_SCOPES: Final = (
    "r:profile",
    "rw:profile",
    "r:issuer",
    "rw:issuer",
    "r:backpack",
    "rw:backpack",
    "r:org",
    "rw:org",
)
# What the open source server gives when nothing is asked for.
DEFAULT_SCOPES: Final = ("rw:profile", "rw:issuer", "rw:backpack")

# The open source server throttles from the first failure on; a slip of the hand is forgiven here.
FREE_FAILURES: Final = 2
LONGEST_THROTTLE: Final = 3600


class LoginThrottle:
    """Makes guessing passwords slow: after n failures, 2^n seconds in which no login succeeds.

    The right password is refused as well in that time, and every try in it counts as a failure.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[tuple[str, str], int] = {}
        self._until: dict[tuple[str, str], float] = {}

    def refuses(self, username: str, address: str) -> int:
        """Give the seconds that a login has to wait; 0 lets it pass."""
        if self._until.get((username, address), -math.inf) <= self._clock():
            return 0
        self.failed(username, address)
        return self._seconds(self._failures[username, address])

    def failed(self, username: str, address: str) -> None:
        """Note a wrong password."""
        who = (username, address)
        failures = self._failures[who] = self._failures.get(who, 0) + 1
        if failures > FREE_FAILURES:
            self._until[who] = self._clock() + self._seconds(failures)

    def succeeded(self, username: str, address: str) -> None:
        """Forgive what was before."""
        self._failures.pop((username, address), None)
        self._until.pop((username, address), None)

    def clear(self) -> None:
        """Forget everything."""
        self._failures.clear()
        self._until.clear()

    @staticmethod
    def _seconds(failures: int) -> int:
        return min(LONGEST_THROTTLE, 1 << min(failures, 12))


def grant(tenant: Tenant, throttle: LoginThrottle, incoming: Incoming) -> Answer:
    """Give a token for a password or for a refresh token."""
    if any(name in incoming.query for name in ("username", "password", "refresh_token")):
        return _refuse("invalid_request", "Credentials must be sent in the body, not in the URL.")
    form = _form(incoming)
    # No grant_type and no client_id means a password from the public client.
    match form.get("grant_type", "password"):
        case "password":
            return _password(tenant, throttle, form, incoming.caller_address)
        case "refresh_token":
            return _refresh(tenant, form)
        case _:
            return _refuse("unsupported_grant_type", "The grant type is not supported.")


def expire_all(tenant: Tenant) -> int:
    """Let every access token expire now, but for those without an end; give their number.

    Their refresh tokens stay good.
    """
    tokens = tenant.state.tokens
    running = [token for token in tokens.rows.values() if token.expires]
    for token in running:
        tokens.put(replace(token, expires=0.0))
    return len(running)


def _password(
    tenant: Tenant, throttle: LoginThrottle, form: Mapping[str, str], address: str
) -> Answer:
    username, password = form.get("username", ""), form.get("password", "")
    for name, value in (("username", username), ("password", password)):
        if not value:
            return _refuse("invalid_request", f"Request is missing {name} parameter.")
    if wait := throttle.refuses(username, address):
        return _answer(
            HTTPStatus.TOO_MANY_REQUESTS,
            {
                "error": "login attempts throttled",
                "error_description": "Too many login attempts. Please wait and try again.",
                "expires": wait,
            },
        )
    user = tenant.state.user_named(username)
    if user is None or user.password != password:
        throttle.failed(username, address)
        return _refuse("invalid_grant", "Invalid credentials given.")
    scopes = tuple(form.get("scope", "").split()) or DEFAULT_SCOPES
    if not set(scopes) <= set(ALL_SCOPES):
        return _refuse("invalid_scope", "The requested scope is invalid, unknown, or malformed.")
    throttle.succeeded(username, address)
    tenant.counters.signed_in(refreshed=False)
    return _issue(tenant, user.key, scopes)


def _refresh(tenant: Tenant, form: Mapping[str, str]) -> Answer:
    refresh = form.get("refresh_token", "")
    if not refresh:
        return _refuse("invalid_request", "Missing refresh token parameter.")
    used = tenant.state.token_refreshed_by(refresh)
    if used is None:
        # Recorded on the hosted service in 2019: 401, where RFC 6749 says 400.
        return _answer(HTTPStatus.UNAUTHORIZED, {"error": "invalid_grant"})
    answer = _issue(tenant, used.user, used.scopes)
    # Rotation: the pair that was traded in is dead, both halves of it, as with the library that
    # the open source server is built on (django-oauth-toolkit).
    tenant.state.tokens.remove(used)
    tenant.counters.signed_in(refreshed=True)
    return answer


def _issue(tenant: Tenant, user: str, scopes: tuple[str, ...]) -> Answer:
    token = Token(
        access=identifiers.secret(),
        refresh=identifiers.secret(),
        user=user,
        scopes=scopes,
        expires=time.time() + tenant.token_lifetime,
    )
    tenant.state.tokens.put(token)
    return _answer(
        HTTPStatus.OK,
        {
            "access_token": token.access,
            "token_type": "Bearer",
            "expires_in": int(tenant.token_lifetime),
            "refresh_token": token.refresh,
            "scope": " ".join(scopes),
        },
    )


def _form(incoming: Incoming) -> dict[str, str]:
    # The open source server reads forms only; the same values in JSON count as missing.
    if incoming.content_type != "application/x-www-form-urlencoded":
        return {}
    text = incoming.body.decode("utf-8", "replace")
    return dict(parse_qsl(text, keep_blank_values=True))


def _refuse(error: str, description: str) -> Answer:
    return _answer(HTTPStatus.BAD_REQUEST, {"error": error, "error_description": description})


def _answer(status: HTTPStatus, body: dict[str, Any]) -> Answer:
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}  # RFC 6749, 5.1
    return Answer(status, msgspec.json.encode(body), headers)
